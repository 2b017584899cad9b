using System.Diagnostics;

namespace Tpo.Cli;

/// <summary>Runs a verb of the GPU job (render videos, export a model, verify it) as a child process of this tool.</summary>
internal static class Job
{
    /// <summary>The job's words go straight to this tool's console, and its exit code is returned: for verbs that are the job's own.</summary>
    public static async Task<int> ForwardAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("sh", ["-c", $"exec {Surroundings.JobCommand} \"$@\"", "sh", .. arguments]);
        using var process = Process.Start(start)!;
        try
        {
            await process.WaitForExitAsync(cancellation);
            return process.ExitCode;
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    public static async Task RunAsync(IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var start = new ProcessStartInfo("sh", ["-c", $"exec {Surroundings.JobCommand} \"$@\" 2>&1", "sh", .. arguments]) { RedirectStandardOutput = true };
        using var process = Process.Start(start)!;
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
                throw new CliFailure($"'{string.Join(' ', arguments)}' failed: {output.Trim()}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }
}
