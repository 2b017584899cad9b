using System.Diagnostics;
using Tpo.Shared;
using Tpo.Shared.Media;

namespace Tpo.Cli.Benches.Serving;

/// <summary>A minute of 640 × 360 that ffmpeg makes by itself, and its frames as a model takes them.</summary>
internal sealed class BenchVideo
{
    public const int FrameCount = 32;
    private static readonly TpoSettings Settings = new()
    {
        WorkFolder = Path.Combine(Surroundings.Home, "work"),
        FFmpegFolder = Environment.GetEnvironmentVariable("Tpo__FFmpegFolder") ?? "",
    };

    private readonly string _path;
    private readonly FramePlan _plan;

    private BenchVideo(string path, FramePlan plan) => (_path, _plan) = (path, plan);

    public static async Task<BenchVideo> MakeAsync(CancellationToken cancellation)
    {
        var path = Path.Combine(Settings.WorkFolder, "bench", "clip.mp4");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (!File.Exists(path))
        {
            var partial = Path.Combine(Path.GetDirectoryName(path)!, "partial.mp4");
            using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg",
            [
                "-loglevel", "error", "-y", "-f", "lavfi", "-i", "mandelbrot=size=640x360:rate=25", "-t", "60", "-c:v", "libx264", "-preset", "veryfast",
                "-pix_fmt", "yuv420p", partial,
            ])) ?? throw new CliFailure("ffmpeg could not be started; is it on the PATH?");
            await ffmpeg.WaitForExitAsync(cancellation);
            if (ffmpeg.ExitCode != 0)
                throw new CliFailure("ffmpeg could not make the clip that is asked about.");
            File.Move(partial, path);
        }
        var probed = await new VideoProbe(Settings).ProbeAsync(path, Path.GetFileName(path), cancellation: cancellation);
        return new BenchVideo(path, FramePlanner.Uniform(probed.FrameCount, probed.FramesPerSecond, FrameCount));
    }

    /// <summary>The 32 frames, spread over the whole clip, and the seconds that decoding and scaling took.</summary>
    public async Task<(IReadOnlyList<RgbFrame> Frames, double Seconds)> DecodeAsync(ImageRecipe recipe, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        var frames = await new FrameExtractor(Settings).ExtractAsync(_path, _plan, recipe, cancellation);
        return (frames, clock.Elapsed.TotalSeconds);
    }
}
