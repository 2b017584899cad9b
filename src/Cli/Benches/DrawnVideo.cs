using System.Diagnostics;

namespace Tpo.Cli.Benches;

/// <summary>Videos that ffmpeg draws for a bench.</summary>
internal static class DrawnVideo
{
    /// <summary>Runs ffmpeg; what is at the path is whole, or was not made.</summary>
    public static async Task MakeAsync(string path, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        var partial = Path.Combine(Path.GetDirectoryName(path)!, $"partial-{Path.GetFileName(path)}");
        await RunAsync([.. arguments, partial], cancellation);
        File.Move(partial, path, overwrite: true);
    }

    public static async Task RunAsync(IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using var ffmpeg = Process.Start(new ProcessStartInfo("ffmpeg", ["-loglevel", "error", "-y", .. arguments]))
            ?? throw new CliFailure("ffmpeg could not be started; is it on the PATH?");
        await ffmpeg.WaitForExitAsync(cancellation);
        if (ffmpeg.ExitCode != 0)
            throw new CliFailure($"ffmpeg could not make {Path.GetFileName(arguments.Last())} for the bench.");
    }
}
