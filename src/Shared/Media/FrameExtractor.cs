using FFMpegCore;
using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace Tpo.Shared.Media;

/// <summary>Decodes exactly the planned frames in one pass over the file.</summary>
public sealed class FrameExtractor(TpoSettings settings)
{
    /// <summary>The frames as a model takes them: S × S, made by the model's recipe.</summary>
    /// <returns>One frame a planned index, in the plan's order; 8-bit RGB.</returns>
    /// <exception cref="BadVideoException">The file delivers fewer frames than the plan names, or cannot be decoded.</exception>
    public Task<IReadOnlyList<RgbFrame>> ExtractAsync(string path, FramePlan plan, ImageRecipe recipe, CancellationToken cancellation = default) =>
        recipe.Preprocess == ImageRecipe.ScaledByFFmpeg
            ? ExtractAsync(path, plan, recipe.Size, recipe.Size, cancellation)
            // PPM names each picture's size, so that nothing depends on what the container says about size and rotation.
            : ExtractAsync(path, plan, recipe.Size, recipe.Size, "format=rgb24", "-c:v ppm", "image2pipe",
                (stream, stop) => PpmStream.TryReadAsync(stream, recipe.Apply, stop), cancellation);

    /// <summary>The frames, scaled to width × height by ffmpeg.</summary>
    /// <returns>One frame a planned index, in the plan's order; 8-bit RGB.</returns>
    /// <exception cref="BadVideoException">The file delivers fewer frames than the plan names, or cannot be decoded.</exception>
    public Task<IReadOnlyList<RgbFrame>> ExtractAsync(string path, FramePlan plan, int width, int height, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        return ExtractAsync(path, plan, width, height, $"scale={width}:{height}:flags=bicubic,format=rgb24", "", "rawvideo",
            (stream, stop) => TryReadPictureAsync(stream, 3 * width * height, stop), cancellation);
    }

    private async Task<IReadOnlyList<RgbFrame>> ExtractAsync(
        string path, FramePlan plan, int width, int height, string filter, string codec, string format,
        Func<Stream, CancellationToken, Task<byte[]?>> read, CancellationToken cancellation)
    {
        int[] wanted = [.. plan.Indices.Distinct().Order()];
        if (wanted.Length == 0)
            return [];
        var decoded = new List<byte[]>(wanted.Length);
        var sink = new StreamPipeSink(async (stream, stop) =>
        {
            while (await read(stream, stop) is { } picture)
                decoded.Add(picture);
        });
        var select = string.Join('+', wanted.Select(n => $"eq(n,{n})"));
        try
        {
            await FFMpegArguments
                .FromFileInput(MediaPrograms.Argument(path))
                .OutputToPipe(sink, options => options
                    .WithCustomArgument("-loglevel error -map 0:V:0")
                    .WithCustomArgument($"-vf \"select='{select}',{filter}\" {codec}")
                    .WithCustomArgument("-fps_mode passthrough")
                    .WithFrameOutputCount(wanted.Length)
                    .ForceFormat(format))
                .CancellableThrough(cancellation)
                .ProcessAsynchronously(true, MediaPrograms.Options(settings));
        }
        catch (FFMpegException e) when (e.Type == FFMpegExceptionType.Process)
        {
            throw new BadVideoException($"The video's frames cannot be decoded: {VideoProbe.LastLine(e.FFMpegErrorOutput)}", e);
        }
        if (decoded.Count < wanted.Length)
            throw new BadVideoException(
                $"Frame {wanted[decoded.Count]} was asked for, but only {decoded.Count} of {wanted.Length} planned frames could be decoded: "
                + "the file is damaged or was probed in another state. Upload it again.");
        var pictures = wanted.Zip(decoded).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. plan.Indices.Select((index, i) => new RgbFrame(width, height, pictures[index], index, plan.Times[i]))];
    }

    /// <summary>The next whole picture, or null at the end of the stream.</summary>
    internal static async Task<byte[]?> TryReadPictureAsync(Stream stream, int bytes, CancellationToken cancellation)
    {
        var picture = new byte[bytes];
        return await stream.ReadAtLeastAsync(picture, bytes, throwOnEndOfStream: false, cancellation) == bytes ? picture : null;
    }
}
