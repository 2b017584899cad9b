using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Tpo.Functions.Training.Backends;
using Tpo.Shared;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <summary>
/// The GPU job as a child process of this machine. Trainings run in a session of their own, so that they outlive this process:
/// a restarted app finds them by their beat and goes on watching.
/// </summary>
public sealed class ProcessJob(TpoSettings settings, IConfiguration configuration)
{
    private readonly ConcurrentDictionary<string, long> _started = new();

    public bool StartedWithin(string runId, TimeSpan span) =>
        _started.TryGetValue(runId, out var at) && Stopwatch.GetElapsedTime(at) < span;

    /// <summary>Starts `train` and does not wait. Its output goes to a file of the work folder; the storage connection travels in the environment.</summary>
    public void StartTraining(string runId)
    {
        var log = JobLog.FileOf(settings, runId);
        Directory.CreateDirectory(Path.GetDirectoryName(log)!);
        using var shell = Start("setsid", ["sh", "-c", $"exec {Job()} train --run-id \"$1\" >>\"$2\" 2>&1 </dev/null", "sh", runId, log], redirect: false);
        _started[runId] = Stopwatch.GetTimestamp();
    }

    /// <summary>Runs `export` on a model folder to its end.</summary>
    /// <exception cref="InvalidOperationException">the export failed; the message is its last output</exception>
    public async Task ExportAsync(string modelFolder, CancellationToken cancellation)
    {
        using var process = Start("sh", ["-c", $"exec {Job()} export --model \"$1\" 2>&1", "sh", modelFolder], redirect: true);
        try
        {
            var output = await process.StandardOutput.ReadToEndAsync(cancellation);
            await process.WaitForExitAsync(cancellation);
            if (process.ExitCode != 0)
                throw new InvalidOperationException($"The ONNX export of '{Path.GetFileName(modelFolder)}' failed: {Tail(output)}");
        }
        finally
        {
            if (!process.HasExited)
                process.Kill(entireProcessTree: true);
        }
    }

    private string Job() => settings.JobCommand.Length > 0
        ? settings.JobCommand
        : throw new InvalidOperationException("The setting 'Tpo__JobCommand' is missing: the command that runs the training job, for example `dotnet Tpo.GpuJob.dll`.");

    private Process Start(string program, IEnumerable<string> arguments, bool redirect)
    {
        var start = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = redirect, WorkingDirectory = settings.WorkFolder };
        foreach (var (name, value) in StorageConnection.Environment(configuration))
            start.Environment[name] = value;
        foreach (var (name, value) in TrainingProcess.Environment)
            start.Environment[name] = value;
        start.Environment["Tpo__FeatureCacheMegabytes"] = settings.FeatureCacheMegabytes.ToString(CultureInfo.InvariantCulture);
        start.Environment["Tpo__WorkFolder"] = settings.WorkFolder;
        start.Environment["Tpo__FFmpegFolder"] = settings.FFmpegFolder;
        return Process.Start(start)!;
    }

    private static string Tail(string output) => output.Length <= 2000 ? output : output[^2000..];
}
