using FFMpegCore;
using FFMpegCore.Exceptions;
using Tpo.Shared.Media.Mp4;

namespace Tpo.Shared.Media;

/// <summary>
/// Decodes exactly the planned frames: few far apart by going to the key frames before them, many or near ones in one pass over the file.
/// </summary>
public sealed class FrameExtractor(TpoSettings settings)
{
    private readonly ReelDecoder _reels = new(settings);
    private readonly StretchDecoder _stretches = new(settings);

    /// <summary>The frames as a model takes them: S × S, made by the model's recipe.</summary>
    /// <returns>One frame a planned index, in the plan's order; 8-bit RGB.</returns>
    /// <exception cref="BadVideoException">The file delivers fewer frames than the plan names, or cannot be decoded.</exception>
    public Task<IReadOnlyList<RgbFrame>> ExtractAsync(string path, FramePlan plan, ImageRecipe recipe, CancellationToken cancellation = default) =>
        recipe.Preprocess == ImageRecipe.ScaledByFFmpeg
            ? ExtractAsync(path, plan, recipe.Size, recipe.Size, cancellation)
            : ExtractAsync(path, plan, recipe.Size, recipe.Size, AsPpm(recipe.Apply), cancellation);

    /// <summary>The frames as they are decoded, at the video's own size.</summary>
    /// <param name="timeline">the video's, where it is known already: its packets are not read again</param>
    /// <returns>One frame a planned index, in the plan's order; 8-bit RGB.</returns>
    /// <exception cref="BadVideoException">The file delivers fewer frames than the plan names, or cannot be decoded.</exception>
    public async Task<IReadOnlyList<RgbFrame>> ExtractAsync(string path, FramePlan plan, CancellationToken cancellation = default, VideoTimeline? timeline = null)
    {
        var size = (Width: 0, Height: 0);
        var frames = await ExtractAsync(path, plan, 0, 0, AsPpm((rgb, width, height) =>
        {
            size = (width, height);
            return rgb.ToArray();
        }), cancellation, timeline);
        return [.. frames.Select(frame => frame with { Width = size.Width, Height = size.Height })];
    }

    /// <summary>PPM names each picture's size, so that nothing depends on what the container says about size and rotation.</summary>
    private static PictureOutput AsPpm(PictureRecipe recipe) =>
        new("format=rgb24", "-c:v ppm", "image2pipe", (stream, stop) => PpmStream.TryReadAsync(stream, recipe, stop));

    /// <summary>The frames, scaled to width × height by ffmpeg.</summary>
    /// <param name="timeline">the video's, where it is known already: its packets are not read again</param>
    /// <returns>One frame a planned index, in the plan's order; 8-bit RGB.</returns>
    /// <exception cref="BadVideoException">The file delivers fewer frames than the plan names, or cannot be decoded.</exception>
    public Task<IReadOnlyList<RgbFrame>> ExtractAsync(string path, FramePlan plan, int width, int height, CancellationToken cancellation = default, VideoTimeline? timeline = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(height);
        return ExtractAsync(path, plan, width, height, new PictureOutput(
            $"scale={width}:{height}:flags=bicubic,format=rgb24", "", "rawvideo", (stream, stop) => TryReadPictureAsync(stream, 3 * width * height, stop)), cancellation, timeline);
    }

    private async Task<IReadOnlyList<RgbFrame>> ExtractAsync(
        string path, FramePlan plan, int width, int height, PictureOutput output, CancellationToken cancellation, VideoTimeline? timeline = null)
    {
        int[] wanted = [.. plan.Indices.Distinct().Order()];
        if (wanted.Length == 0)
            return [];
        var decoded = await _reels.TryDecodeAsync(path, wanted, output, timeline, cancellation)
            ?? await _stretches.TryDecodeAsync(path, wanted, output, timeline?.Table, cancellation)
            ?? await OnePassAsync(path, wanted, output, cancellation);
        var pictures = wanted.Zip(decoded).ToDictionary(pair => pair.First, pair => pair.Second);
        return [.. plan.Indices.Select((index, i) => new RgbFrame(width, height, pictures[index], index, plan.Times[i]))];
    }

    private async Task<IReadOnlyList<byte[]>> OnePassAsync(string path, int[] wanted, PictureOutput output, CancellationToken cancellation)
    {
        var select = FrameSelection.OfNumbers(wanted.Select(n => (long)n));
        List<byte[]> decoded;
        try
        {
            decoded = await output.RunAsync(
                FFMpegArguments.FromFileInput(MediaPrograms.Argument(path)),
                $"-map 0:V:0 -vf \"{select},{output.Filter}\"", wanted.Length, MediaPrograms.Options(settings), cancellation);
        }
        catch (FFMpegException e) when (e.Type == FFMpegExceptionType.Process)
        {
            throw new BadVideoException($"The video's frames cannot be decoded: {VideoProbe.LastLine(e.FFMpegErrorOutput)}", e);
        }
        if (decoded.Count < wanted.Length)
            throw new BadVideoException(
                $"Frame {wanted[decoded.Count]} was asked for, but only {decoded.Count} of {wanted.Length} planned frames could be decoded: "
                + "the file is damaged or was probed in another state. Upload it again.");
        return decoded;
    }

    /// <summary>The next whole picture, or null at the end of the stream.</summary>
    internal static async Task<byte[]?> TryReadPictureAsync(Stream stream, int bytes, CancellationToken cancellation)
    {
        var picture = new byte[bytes];
        return await stream.ReadAtLeastAsync(picture, bytes, throwOnEndOfStream: false, cancellation) == bytes ? picture : null;
    }
}
