using System.Diagnostics;
using Tpo.Shared.Media;

namespace Tpo.Cli.Benches.Serving;

/// <summary>A minute of 640 × 360 that ffmpeg makes by itself, and its frames as a model takes them.</summary>
internal sealed class BenchVideo
{
    public const int FrameCount = 32;
    private readonly string _path;
    private readonly FramePlan _plan;

    private BenchVideo(string path, FramePlan plan) => (_path, _plan) = (path, plan);

    public static async Task<BenchVideo> MakeAsync(CancellationToken cancellation)
    {
        var path = Path.Combine(Surroundings.MediaSettings.WorkFolder, "bench", "clip.mp4");
        if (!File.Exists(path))
            await DrawnVideo.MakeAsync(
                path,
                ["-f", "lavfi", "-i", "mandelbrot=size=640x360:rate=25", "-t", "60", "-c:v", "libx264", "-preset", "veryfast", "-pix_fmt", "yuv420p"],
                cancellation);
        var probed = await new VideoProbe(Surroundings.MediaSettings).ProbeAsync(path, Path.GetFileName(path), cancellation: cancellation);
        return new BenchVideo(path, FramePlanner.Uniform(probed.FrameCount, probed.FramesPerSecond, FrameCount));
    }

    /// <summary>The 32 frames, spread over the whole clip, and the seconds that decoding and scaling took.</summary>
    public async Task<(IReadOnlyList<RgbFrame> Frames, double Seconds)> DecodeAsync(ImageRecipe recipe, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var frames = await new FrameExtractor(Surroundings.MediaSettings).ExtractAsync(_path, _plan, recipe, cancellation);
        return (frames, clock.Elapsed.TotalSeconds);
    }
}
