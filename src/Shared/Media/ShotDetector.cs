using FFMpegCore;
using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace Tpo.Shared.Media;

/// <summary>What one pass over a video found.</summary>
/// <param name="Cuts">times in seconds at which a new shot begins, ascending; 0 and the end are not among them</param>
/// <param name="Looks">of the frames sampled, <see cref="ShotDetector.FramesPerSecond"/> a second from 0</param>
public sealed record ShotScan(IReadOnlyList<double> Cuts, IReadOnlyList<FrameLook> Looks);

/// <summary>
/// Finds cuts by content difference with an adaptive threshold, the method of PySceneDetect's AdaptiveDetector: the score of a frame is the mean
/// absolute difference to the frame before it over hue, saturation and value; a cut is a score at least <see cref="Ratio"/> times the mean score of the
/// frames around it (so a pan or a shaking camera is none) and at least <see cref="LeastScore"/>. Frames are 64×36 at 4 a second;
/// they come from pictures of four times the side, from which one sees whether they are sharp.
/// </summary>
public sealed class ShotDetector(TpoSettings settings)
{
    public const double FramesPerSecond = 4;
    public const int Width = 64;
    public const int Height = 36;
    public const double Ratio = 3;
    public const double LeastScore = 15;
    private const int Neighbours = 4, Larger = 4;

    public async Task<ShotScan> ScanAsync(string path, CancellationToken cancellation = default)
    {
        var scores = new List<double>();
        var looks = new List<FrameLook>();
        byte[]? before = null;
        var sink = new StreamPipeSink(async (stream, stop) =>
        {
            while (await FrameExtractor.TryReadPictureAsync(stream, 3 * Larger * Width * Larger * Height, stop) is { } rgb)
            {
                var picture = HueSaturationValue(Smaller(rgb));
                scores.Add(before is null ? 0 : Difference(before, picture));
                looks.Add(FrameLook.Of(rgb, Larger * Width, Larger * Height, scores[^1]));
                before = picture;
            }
        });
        try
        {
            await FFMpegArguments
                .FromFileInput(MediaPrograms.Argument(path))
                .OutputToPipe(sink, options => options
                    .WithCustomArgument("-loglevel error -map 0:V:0")
                    .WithCustomArgument($"-vf fps={FramesPerSecond:0},scale={Larger * Width}:{Larger * Height}:flags=area,format=rgb24")
                    .ForceFormat("rawvideo"))
                .CancellableThrough(cancellation)
                .ProcessAsynchronously(true, MediaPrograms.Options(settings));
        }
        catch (FFMpegException e) when (e.Type == FFMpegExceptionType.Process)
        {
            throw new BadVideoException($"The video's shots cannot be read: {VideoProbe.LastLine(e.FFMpegErrorOutput)}", e);
        }
        return new ShotScan([.. Cuts(scores).Select(frame => frame / FramesPerSecond)], looks);
    }

    /// <summary>The mean of every square of pixels.</summary>
    private static byte[] Smaller(byte[] rgb)
    {
        var small = new byte[3 * Width * Height];
        for (var i = 0; i < small.Length; i++)
        {
            int channel = i % 3, x = i / 3 % Width, y = i / 3 / Width, sum = Larger * Larger / 2;
            for (var row = 0; row < Larger; row++)
                for (var column = 0; column < Larger; column++)
                    sum += rgb[3 * ((y * Larger + row) * Width * Larger + x * Larger + column) + channel];
            small[i] = (byte)(sum / (Larger * Larger));
        }
        return small;
    }

    /// <summary>Frames that begin a shot, from the score of every frame against the one before it.</summary>
    public static IReadOnlyList<int> Cuts(IReadOnlyList<double> scores)
    {
        var cuts = new List<int>();
        for (var i = 1; i < scores.Count; i++)
        {
            double around = 0;
            var count = 0;
            for (var j = Math.Max(1, i - Neighbours); j <= Math.Min(scores.Count - 1, i + Neighbours); j++)
            {
                if (j == i)
                    continue;
                around += scores[j];
                count++;
            }
            if (scores[i] >= LeastScore && (count == 0 || scores[i] >= Ratio * (around / count)))
                cuts.Add(i);
        }
        return cuts;
    }

    /// <summary>Mean over hue, saturation and value (each 0-255) and all pixels of |a - b|; hue goes round in a circle.</summary>
    public static double Difference(byte[] a, byte[] b)
    {
        long sum = 0;
        for (var i = 0; i < a.Length; i++)
        {
            var difference = Math.Abs(a[i] - b[i]);
            sum += i % 3 == 0 ? Math.Min(difference, 256 - difference) : difference;
        }
        return (double)sum / a.Length;
    }

    /// <summary>8-bit RGB to hue (256 = the full circle), saturation and value, pixel by pixel.</summary>
    public static byte[] HueSaturationValue(byte[] rgb)
    {
        var hsv = new byte[rgb.Length];
        for (var i = 0; i < rgb.Length; i += 3)
        {
            int r = rgb[i], g = rgb[i + 1], b = rgb[i + 2];
            int value = Math.Max(r, Math.Max(g, b)), range = value - Math.Min(r, Math.Min(g, b));
            if (range > 0)
            {
                var sixth = value == r ? (double)(g - b) / range : value == g ? 2 + (double)(b - r) / range : 4 + (double)(r - g) / range;
                hsv[i] = (byte)((int)Math.Round((sixth + 6) % 6 / 6 * 256) % 256);
                hsv[i + 1] = (byte)(255 * range / value);
            }
            hsv[i + 2] = (byte)value;
        }
        return hsv;
    }
}
