using System.Diagnostics;
using System.Globalization;
using Tpo.Shared.Media;

namespace Tpo.Cli.Benches.Frames;

/// <summary>The two usual ways to take frames, with ffmpeg alone.</summary>
internal static class OtherWays
{
    /// <summary>Decodes the whole file and keeps the wanted frames.</summary>
    public static async Task<IReadOnlyList<byte[]>> FullPassAsync(LongVideo video, int[] indices, int side, CancellationToken cancellation)
    {
        var select = FrameSelection.OfNumbers(indices.Select(index => (long)index));
        return await PicturesAsync($"-i {video.Path} -vf {select},{Scale(side)} -fps_mode passthrough -f rawvideo pipe:1", side, cancellation);
    }

    /// <summary>A process a frame that goes to its time, as many at once as there are cores.</summary>
    public static async Task<IReadOnlyList<byte[]>> ProcessPerFrameAsync(LongVideo video, int[] indices, int side, CancellationToken cancellation)
    {
        var pictures = new byte[indices.Length][];
        await Parallel.ForEachAsync(Enumerable.Range(0, indices.Length), new ParallelOptions { MaxDegreeOfParallelism = Environment.ProcessorCount, CancellationToken = cancellation },
            async (i, stop) => pictures[i] = (await PicturesAsync(string.Create(CultureInfo.InvariantCulture,
                $"-ss {(double)indices[i] / LongVideo.FramesPerSecond:F6} -i {video.Path} -frames:v 1 -vf {Scale(side)} -f rawvideo pipe:1"), side, stop)).Single());
        return pictures;
    }

    private static string Scale(int side) => $"scale={side}:{side}:flags=bicubic,format=rgb24";

    private static async Task<IReadOnlyList<byte[]>> PicturesAsync(string arguments, int side, CancellationToken cancellation)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", $"-loglevel error -nostdin {arguments}") { RedirectStandardOutput = true })
            ?? throw new CliFailure("ffmpeg could not be started; is it on the PATH?");
        var pictures = new List<byte[]>();
        var picture = new byte[3 * side * side];
        while (await ffmpeg.StandardOutput.BaseStream.ReadAtLeastAsync(picture, picture.Length, throwOnEndOfStream: false, cancellation) == picture.Length)
            pictures.Add([.. picture]);
        await ffmpeg.WaitForExitAsync(cancellation);
        return pictures;
    }
}
