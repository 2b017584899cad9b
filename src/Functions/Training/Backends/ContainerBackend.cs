using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>
/// The job in a container of this machine, in a session of its own as <see cref="ProcessJob"/> has it, so that it outlives the app. A file
/// beside its log tells its process and then its exit code: a restarted app, or a second start, sees what became of it.
/// </summary>
public sealed class ContainerBackend(TpoStorage storage, TpoSettings settings, IConfiguration configuration) : ITrainingBackend
{
    /// <summary>
    /// $1 log, $2 state file, $3 to $6 the tool's steps (remove, make, run, remove) as quoted words, $7 variables that running reads. Told to
    /// end, it ends what runs and still removes the container.
    /// </summary>
    private const string Script = """
        exec >>"$1" 2>&1 </dev/null
        trap : TERM
        echo "running $$" >"$2"
        eval "$3" >/dev/null 2>&1
        if eval "$4" >/dev/null; then
          for name in $7; do eval "printf '%s\\n' \"\$$name\""; done | eval "$5"; code=$?
        else
          code=125
        fi
        eval "$6" >/dev/null 2>&1
        echo "ended $code" >"$2"
        """;

    private readonly PlatformRecords _records = new(storage);
    private readonly ConcurrentDictionary<string, long> _started = new();

    public string Name => TrainingBackends.Container;

    public TimeSpan Interval => JobWatch.Interval;

    public async Task StartAsync(string runId, CancellationToken cancellation)
    {
        if ((await LookAsync(runId, cancellation)).State is PlatformState.Starting or PlatformState.Running)
            return;
        var tool = Tool();
        KeyValuePair<string, string>[] variables =
            [.. StorageConnection.Environment(configuration), new("Tpo__FeatureCacheMegabytes", settings.FeatureCacheMegabytes.ToString(CultureInfo.InvariantCulture))];
        var command = ContainerCommand.For(tool, settings.ContainerImage, runId, variables.Select(variable => variable.Key), gpu: File.Exists("/dev/nvidia0"));
        Directory.CreateDirectory(Path.GetDirectoryName(StateFile(runId))!);
        File.Delete(StateFile(runId));
        var start = new ProcessStartInfo("setsid",
            ["sh", "-c", Script, ContainerCommand.NameOf(runId), JobLog.FileOf(settings, runId), StateFile(runId),
             Words(tool, command.Before), Words(tool, command.Prepare), Words(tool, command.Run), Words(tool, command.After), string.Join(' ', command.Input)]);
        foreach (var (name, value) in variables)
            start.Environment[name] = value;
        var before = await _records.FindAsync(runId, cancellation);
        await _records.PutAsync(runId, new BackendJob(Name, (before?.Start ?? 0) + 1, ContainerCommand.NameOf(runId)), new PlatformJob(PlatformState.Starting), cancellation);
        _started[runId] = Stopwatch.GetTimestamp();
        Process.Start(start)!.Dispose();
    }

    public async Task<PlatformJob> LookAsync(string runId, CancellationToken cancellation)
    {
        var state = File.Exists(StateFile(runId)) ? (await File.ReadAllTextAsync(StateFile(runId), cancellation)).Trim().Split(' ') : [];
        if (state is ["ended", var word] && int.TryParse(word, CultureInfo.InvariantCulture, out var code))
            return code is >= ContainerCommand.LeastToolFailure and <= ContainerCommand.GreatestToolFailure
                ? new PlatformJob(PlatformState.Ended, word, $"The container of image '{settings.ContainerImage}' (Tpo__ContainerImage) could not be run: '{Path.GetFileName(Tool())}' failed with {code}.")
                : new PlatformJob(PlatformState.Absent, word);
        if (await RunsAsync(runId, cancellation))
            return new PlatformJob(PlatformState.Running);
        var alive = state is ["running", var process] && IsOurs(process, runId);
        return new PlatformJob(alive || StartedJustNow(runId) ? PlatformState.Starting : PlatformState.Absent);
    }

    public async Task CancelAsync(string runId, CancellationToken cancellation)
    {
        if (ContainerCommand.Stop(Tool(), runId) is { } stop)
            await ContainerTool.AskAsync(Tool(), stop, cancellation);
        // What pulls the image, and buildah's job, are of the session's group.
        if (File.Exists(StateFile(runId)) && (await File.ReadAllTextAsync(StateFile(runId), cancellation)).Trim().Split(' ') is ["running", var process] && IsOurs(process, runId))
            using (var kill = Process.Start("kill", ["-TERM", "--", $"-{process}"]))
                await kill.WaitForExitAsync(cancellation);
    }

    public Task<string> LogTailAsync(string runId, CancellationToken cancellation) => JobLog.TailOfFileAsync(JobLog.FileOf(settings, runId), cancellation);

    private async Task<bool> RunsAsync(string runId, CancellationToken cancellation) =>
        ContainerCommand.ListRunning(Tool(), runId) is { } list
        && (await ContainerTool.AskAsync(Tool(), list, cancellation))?.Split('\n').Any(line => line.Trim() == ContainerCommand.NameOf(runId)) == true;

    private bool StartedJustNow(string runId) => _started.TryGetValue(runId, out var at) && Stopwatch.GetElapsedTime(at) < JobLookout.Silence && !File.Exists(StateFile(runId));

    /// <summary>Process ids are used again, so its arguments must name the container too.</summary>
    private static bool IsOurs(string process, string runId)
    {
        try
        {
            return File.ReadAllText($"/proc/{process}/cmdline").Contains(ContainerCommand.NameOf(runId), StringComparison.Ordinal);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }

    private string StateFile(string runId) => Path.ChangeExtension(JobLog.FileOf(settings, runId), ".container");

    private string Tool() => ContainerTool.Find(settings) ?? throw new BackendException(ContainerTool.Problem(settings)!);

    private static string Words(string tool, IReadOnlyList<string>? arguments) =>
        arguments is null ? ":" : string.Join(' ', arguments.Prepend(tool).Select(word => $"'{word.Replace("'", "'\\''", StringComparison.Ordinal)}'"));
}
