using FFMpegCore;
using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace Tpo.Shared.Media;

/// <summary>Decodes exactly the planned frames, scaled by ffmpeg, in one pass over the file.</summary>
public sealed class FrameExtractor(TpoSettings settings)
{
    /// <summary>Names how pixels are made; it belongs to the lineage of everything that was seen through them.</summary>
    public const string Preprocess = "ffmpeg-bicubic-v1";

    /// <returns>One frame a planned index, in the plan's order; width × height, 8-bit RGB.</returns>
    /// <exception cref="BadVideoException">The file delivers fewer frames than the plan names, or cannot be decoded.</exception>
    public async Task<IReadOnlyList<RgbFrame>> ExtractAsync(string path, FramePlan plan, int width, int height, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        int[] wanted = [.. plan.Indices.Distinct().Order()];
        if (wanted.Length == 0)
            return [];
        var decoded = await DecodeAsync(path, wanted, width, height, cancellation);
        if (decoded.Count < wanted.Length)
            throw new BadVideoException(
                $"Frame {wanted[decoded.Count]} was asked for, but only {decoded.Count} of {wanted.Length} planned frames could be decoded: "
                + "the file is damaged or was probed in another state. Upload it again.");
        var pictures = wanted.Zip(decoded).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. plan.Indices.Select((index, i) => new RgbFrame(width, height, pictures[index], index, plan.Times[i]))];
    }

    private async Task<List<byte[]>> DecodeAsync(string path, int[] wanted, int width, int height, CancellationToken cancellation)
    {
        var pictures = new List<byte[]>(wanted.Length);
        var sink = new StreamPipeSink(async (stream, stop) =>
        {
            while (await TryReadPictureAsync(stream, 3 * width * height, stop) is { } picture)
                pictures.Add(picture);
        });
        var select = string.Join('+', wanted.Select(n => $"eq(n,{n})"));
        try
        {
            await FFMpegArguments
                .FromFileInput(MediaPrograms.Argument(path))
                .OutputToPipe(sink, options => options
                    .WithCustomArgument("-loglevel error -map 0:V:0")
                    .WithCustomArgument($"-vf \"select='{select}',scale={width}:{height}:flags=bicubic,format=rgb24\"")
                    .WithCustomArgument("-fps_mode passthrough")
                    .WithFrameOutputCount(wanted.Length)
                    .ForceFormat("rawvideo"))
                .CancellableThrough(cancellation)
                .ProcessAsynchronously(true, MediaPrograms.Options(settings));
        }
        catch (FFMpegException e) when (e.Type == FFMpegExceptionType.Process)
        {
            throw new BadVideoException($"The video's frames cannot be decoded: {VideoProbe.LastLine(e.FFMpegErrorOutput)}", e);
        }
        return pictures;
    }

    /// <summary>The next whole picture, or null at the end of the stream.</summary>
    internal static async Task<byte[]?> TryReadPictureAsync(Stream stream, int bytes, CancellationToken cancellation)
    {
        var picture = new byte[bytes];
        return await stream.ReadAtLeastAsync(picture, bytes, throwOnEndOfStream: false, cancellation) == bytes ? picture : null;
    }
}
