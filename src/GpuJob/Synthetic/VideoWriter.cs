using System.Diagnostics;

namespace Tpo.GpuJob.Synthetic;

/// <summary>Writes a video of the world as a real H.264 file: raw frames piped into ffmpeg, one thread so that bytes do not depend on the machine's cores.</summary>
public static class VideoWriter
{
    /// <summary>All of them as `{name}.mp4`, two at a time; says how far it is every few seconds, since long ones take a while.</summary>
    public static async Task WriteAllAsync(IReadOnlyList<SyntheticVideo> videos, int side, string folder, CancellationToken cancel = default)
    {
        Directory.CreateDirectory(folder);
        var (done, told) = (0, Stopwatch.StartNew());
        var twoAtATime = new ParallelOptions { MaxDegreeOfParallelism = 2, CancellationToken = cancel };
        await Parallel.ForEachAsync(videos, twoAtATime, async (video, stop) =>
        {
            await WriteAsync(video, side, Path.Combine(folder, $"{video.Name}.mp4"), stop);
            lock (told)
            {
                done++;
                if (told.Elapsed.TotalSeconds < 5)
                    return;
                told.Restart();
                Console.WriteLine($"  {done} of {videos.Count} videos rendered");
            }
        });
    }

    public static async Task WriteAsync(SyntheticVideo video, int side, string path, CancellationToken cancel = default)
    {
        var start = new ProcessStartInfo("ffmpeg") { RedirectStandardInput = true, RedirectStandardError = true };
        foreach (var argument in Arguments(side, path))
            start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new InvalidOperationException("ffmpeg could not be started; is it on the PATH?");
        var complaints = process.StandardError.ReadToEndAsync(cancel);
        try
        {
            var renderer = new Renderer(side);
            var picture = new byte[renderer.FrameBytes];
            foreach (var scene in video.Scenes)
            {
                for (var frame = scene.FirstFrame; frame < scene.FirstFrame + scene.Frames; frame++)
                {
                    renderer.Draw(video, scene, frame, picture);
                    await process.StandardInput.BaseStream.WriteAsync(picture, cancel);
                }
            }
            process.StandardInput.Close();
        }
        catch (IOException)
        {
            // ffmpeg went away; what it said is more useful than the broken pipe.
        }
        await process.WaitForExitAsync(cancel);
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"ffmpeg could not write '{path}' (exit code {process.ExitCode}): {(await complaints).Trim()}");
    }

    private static IEnumerable<string> Arguments(int side, string path) =>
    [
        "-hide_banner", "-loglevel", "error", "-y", "-f", "rawvideo", "-pix_fmt", "rgb24", "-s", $"{side}x{side}",
        "-r", $"{SyntheticVideo.FramesPerSecond}", "-i", "pipe:0", "-an", "-c:v", "libx264", "-preset", "veryfast", "-crf", "23",
        "-threads", "1", "-g", $"{2 * SyntheticVideo.FramesPerSecond}", "-pix_fmt", "yuv420p", "-map_metadata", "-1", "-fflags", "+bitexact",
        "-flags:v", "+bitexact", "-movflags", "+faststart", path,
    ];
}
