using FFMpegCore;
using Microsoft.Win32.SafeHandles;

namespace Tpo.Shared.Media.Mp4;

/// <summary>
/// Decodes some frames of an H.264 MP4 file from small files that hold nothing else: the file is neither read nor opened again for each of them, and
/// pictures that no wanted one is built on are not decoded. Every frame is selected by its own time: what does not work gives no answer, never a wrong one.
/// </summary>
internal sealed class ReelDecoder(TpoSettings settings)
{
    /// <summary>Shorter files decode faster than this is prepared.</summary>
    private const int ShortFrames = 300;
    /// <summary>A process more is started for so many samples.</summary>
    private const int SamplesPerProcess = 100;
    private const long MostReelBytes = 2L << 30;

    /// <param name="wanted">rising, none twice</param>
    /// <param name="timeline">the video's, where it is known already: its index is not read again</param>
    /// <returns>null where the file is another kind, where one pass over it costs no more, or where the decoder complains</returns>
    public async Task<IReadOnlyList<byte[]>?> TryDecodeAsync(string path, int[] wanted, PictureOutput output, VideoTimeline? timeline, CancellationToken cancellation)
    {
        if (wanted[^1] < ShortFrames || (timeline is null ? Mp4Index.TryRead(path) : timeline.Index) is not { } index || wanted[^1] >= index.Samples.Length)
            return null;
        var options = MediaPrograms.Options(settings);
        int[] decodedAt = index.InOrderOfShowing();
        HashSet<int> samples = [.. wanted.Select(frame => decodedAt[frame])];
        using var source = File.OpenHandle(path);
        if (new ReelPlan(index, source).Of(samples) is not { } stretches || 3L * stretches.Sum(some => some.Count) > 2L * wanted[^1]
            || stretches.Sum(some => some.Sum(sample => (long)index.Samples[sample].Bytes)) > MostReelBytes)
            return null;
        var reels = Divide(stretches);
        var pictures = new IReadOnlyList<byte[]>?[reels.Count];
        await Parallel.ForEachAsync(Enumerable.Range(0, reels.Count), cancellation, async (i, stop) =>
            pictures[i] = await TryDecodeAsync(index, reels[i], [.. reels[i].Where(samples.Contains)], source, output, options, stop));
        return pictures.All(some => some is not null) ? [.. pictures.SelectMany(some => some!)] : null;
    }

    /// <summary>As many reels as there are cores, where each is worth a process; a stretch stays whole, none before an earlier one.</summary>
    private static List<List<int>> Divide(IReadOnlyList<IReadOnlyList<int>> stretches)
    {
        var all = stretches.Sum(some => some.Count);
        var most = Math.Clamp(all / SamplesPerProcess, 1, Environment.ProcessorCount);
        var (reels, before) = (new List<List<int>>(), 0);
        foreach (var stretch in stretches)
        {
            if (reels.Count == 0 || before + stretch.Count / 2 > (long)all * reels.Count / most)
                reels.Add([]);
            reels[^1].AddRange(stretch);
            before += stretch.Count;
        }
        return reels;
    }

    private async Task<IReadOnlyList<byte[]>?> TryDecodeAsync(
        Mp4Index index, List<int> reel, int[] wanted, SafeFileHandle source, PictureOutput output, FFOptions options, CancellationToken cancellation)
    {
        var path = Path.Combine(settings.WorkFolder, $"reel-{Guid.NewGuid():N}.mp4");
        try
        {
            var times = await SampleReel.WriteAsync(path, index, reel, source, cancellation);
            return await output.TryRunAsync(
                FFMpegArguments.FromFileInput(MediaPrograms.Argument(path), true, arguments => arguments.WithCustomArgument("-copyts -threads 1")),
                $"-vf \"{FrameSelection.OfTimes(wanted.Select(sample => times[sample]))},{output.Filter}\"", wanted.Length, options, cancellation);
        }
        catch (EndOfStreamException)
        {
            return null;
        }
        finally
        {
            File.Delete(path);
        }
    }
}
