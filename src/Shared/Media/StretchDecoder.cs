using System.Globalization;
using FFMpegCore;

namespace Tpo.Shared.Media;

/// <summary>
/// Decodes far-apart frames from the key frames before them. Every frame is selected by its own time, so a file whose packets promise what its
/// decoder does not deliver gives fewer pictures, never wrong ones: then, or where the decoder complains, the answer is null and one pass over the file decides.
/// </summary>
internal sealed class StretchDecoder(TpoSettings settings)
{
    /// <summary>Frames nearer than this are not worth reading the packets first.</summary>
    private const int SparseFrames = 24;
    /// <summary>Files that are shorter decode faster than they are indexed.</summary>
    private const int ShortFrames = 300;
    /// <summary>Each holds a decoder with its reference pictures.</summary>
    private const int MostInputs = 16;

    /// <param name="wanted">rising, none twice</param>
    /// <param name="known">the file's table, where it has been read already</param>
    public async Task<IReadOnlyList<byte[]>?> TryDecodeAsync(string path, int[] wanted, PictureOutput output, FrameTable? known, CancellationToken cancellation)
    {
        if (wanted[^1] < ShortFrames || wanted[^1] < (long)SparseFrames * wanted.Length)
            return null;
        var options = MediaPrograms.Options(settings);
        if ((known ?? await FrameTable.TryReadAsync(path, options, cancellation)) is not { } table || wanted[^1] >= table.Ticks.Count
            || SeekPlan.Of(table, wanted) is not { } stretches)
            return null;
        Stretch[][] groups = [.. stretches.Chunk(Math.Min(MostInputs, (stretches.Count + Environment.ProcessorCount - 1) / Environment.ProcessorCount))];
        var pictures = new IReadOnlyList<byte[]>?[groups.Length];
        await Parallel.ForEachAsync(
            Enumerable.Range(0, groups.Length), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation },
            async (i, stop) => pictures[i] = await TryDecodeAsync(path, table, groups[i], output, options, stop));
        return pictures.All(some => some is not null) ? [.. pictures.SelectMany(some => some!)] : null;
    }

    /// <summary>One ffmpeg, the file opened once a stretch, each at its key frame; the stretches' frames follow one another.</summary>
    private static async Task<IReadOnlyList<byte[]>?> TryDecodeAsync(
        string path, FrameTable table, Stretch[] stretches, PictureOutput output, FFOptions options, CancellationToken cancellation)
    {
        var file = MediaPrograms.Argument(path);
        var inputs = FFMpegArguments.FromFileInput(file, true, arguments => arguments.WithCustomArgument($"-copyts {Input(table, stretches[0])}"));
        foreach (var stretch in stretches.Skip(1))
            inputs.AddFileInput(file, true, arguments => arguments.WithCustomArgument(Input(table, stretch)));
        var graph = string.Concat(stretches.Select((stretch, i) =>
            $"[{i}:V:0]{Selected(table, stretch)},{output.Filter}[p{i}];"));
        graph += $"{string.Concat(stretches.Select((_, i) => $"[p{i}]"))}concat=n={stretches.Length}[all]";
        return await output.TryRunAsync(
            inputs, $"-filter_complex_threads 1 -filter_complex \"{graph}\" -map \"[all]\"", stretches.Sum(stretch => stretch.Wanted.Count), options, cancellation);
    }

    /// <summary>Where the file is opened; half a tick keeps rounding on the right side. A container may go to an earlier key frame: that costs time alone.</summary>
    private static string Input(FrameTable table, Stretch stretch) => stretch.From == 0 ? "-threads 1" : string.Create(CultureInfo.InvariantCulture,
        $"-threads 1 -noaccurate_seek -seek_timestamp 1 -ss {table.Seconds(table.Ticks[stretch.From]) + table.Seconds(1) / 2:0.######}");

    /// <summary>The wanted frames; the first one behind them ends the input.</summary>
    private static string Selected(FrameTable table, Stretch stretch) =>
        $"trim=end_pts={table.Ticks[stretch.Wanted[^1]] + 1},{FrameSelection.OfTimes(stretch.Wanted.Select(index => table.Ticks[index]))}";
}
