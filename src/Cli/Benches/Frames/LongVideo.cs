using System.Diagnostics;

namespace Tpo.Cli.Benches.Frames;

/// <summary>A long 720p H.264 file: a minute that ffmpeg draws and encodes, then joined with itself without encoding again. Made once and kept.</summary>
internal sealed record LongVideo(string Path, int FrameCount)
{
    public const int FramesPerSecond = 24;

    /// <param name="options">of the encoder: where key frames stand and how frames refer to each other</param>
    public static async Task<LongVideo> MakeAsync(string name, int minutes, string options, CancellationToken cancellation)
    {
        var folder = System.IO.Path.Combine(Surroundings.Home, "bench");
        Directory.CreateDirectory(folder);
        var path = System.IO.Path.Combine(folder, $"{name}-{minutes}min.mp4");
        if (!File.Exists(path))
        {
            Console.WriteLine($"making {System.IO.Path.GetFileName(path)}, once ...");
            string minute = System.IO.Path.Combine(folder, $"{name}-minute.mp4"), partial = path + ".partial";
            await RunAsync($"-f lavfi -i testsrc2=size=1280x720:rate={FramesPerSecond}:duration=60 -c:v libx264 -preset veryfast {options} -pix_fmt yuv420p {minute}", cancellation);
            await RunAsync($"-stream_loop {minutes - 1} -i {minute} -c copy -f mp4 {partial}", cancellation);
            File.Move(partial, path);
        }
        return new LongVideo(path, 60 * minutes * FramesPerSecond);
    }

    private static async Task RunAsync(string arguments, CancellationToken cancellation)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", $"-loglevel error -y {arguments}"))
            ?? throw new CliFailure("ffmpeg could not be started; is it on the PATH?");
        await ffmpeg.WaitForExitAsync(cancellation);
        if (ffmpeg.ExitCode != 0)
            throw new CliFailure("ffmpeg could not make the video that frames are taken from.");
    }
}
