namespace Tpo.Cli.Benches.Scale;

/// <summary>Distinct videos of two seconds: one long drawn film, cut. Made once and kept.</summary>
internal static class ManyVideos
{
    public const double Seconds = 2;
    private const int FramesPerSecond = 8;

    /// <summary>At least so many files, in order.</summary>
    public static async Task<IReadOnlyList<string>> MakeAsync(int count, CancellationToken cancellation)
    {
        var folder = Path.Combine(Surroundings.Home, "bench", $"short-{count}");
        if (!Directory.Exists(folder))
        {
            Console.WriteLine($"making {count} videos of {Seconds} s, once ...");
            var partial = folder + ".partial";
            Directory.CreateDirectory(partial);
            await DrawnVideo.RunAsync(
                ["-f", "lavfi", "-i", $"testsrc2=size=160x120:rate={FramesPerSecond}:duration={count * Seconds}", "-c:v", "libx264", "-preset", "ultrafast", "-pix_fmt", "yuv420p",
                    "-g", $"{Seconds * FramesPerSecond}", "-keyint_min", $"{Seconds * FramesPerSecond}", "-sc_threshold", "0",
                    "-f", "segment", "-segment_time", $"{Seconds}", "-reset_timestamps", "1", Path.Combine(partial, "%04d.mp4")], cancellation);
            Directory.Move(partial, folder);
        }
        string[] files = [.. Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).Take(count)];
        return files.Length == count ? files : throw new CliFailure($"ffmpeg cut {files.Length} of {count} videos.");
    }
}
