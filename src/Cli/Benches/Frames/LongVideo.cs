namespace Tpo.Cli.Benches.Frames;

/// <summary>A long 720p H.264 file: a minute that ffmpeg draws and encodes, then joined with itself without encoding again. Made once and kept.</summary>
internal sealed record LongVideo(string Path, int FrameCount)
{
    public const int FramesPerSecond = 24;

    /// <param name="options">of the encoder: where key frames stand and how frames refer to each other</param>
    public static async Task<LongVideo> MakeAsync(string name, int minutes, string options, CancellationToken cancellation)
    {
        var folder = System.IO.Path.Combine(Surroundings.Home, "bench");
        var path = System.IO.Path.Combine(folder, $"{name}-{minutes}min.mp4");
        if (!File.Exists(path))
        {
            Console.WriteLine($"making {System.IO.Path.GetFileName(path)}, once ...");
            var minute = System.IO.Path.Combine(folder, $"{name}-minute.mp4");
            await DrawnVideo.MakeAsync(
                minute,
                ["-f", "lavfi", "-i", $"testsrc2=size=1280x720:rate={FramesPerSecond}:duration=60", "-c:v", "libx264", "-preset", "veryfast", .. options.Split(' '), "-pix_fmt", "yuv420p"],
                cancellation);
            await DrawnVideo.MakeAsync(path, ["-stream_loop", $"{minutes - 1}", "-i", minute, "-c", "copy"], cancellation);
        }
        return new LongVideo(path, 60 * minutes * FramesPerSecond);
    }
}
