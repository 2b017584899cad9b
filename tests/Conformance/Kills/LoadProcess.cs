using System.Diagnostics;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>The load app as a process of its own, which can be killed and started again on the same hub and port.</summary>
internal sealed class LoadProcess : IDisposable
{
    private static readonly string app = Path.Combine(
        AppContext.BaseDirectory.Replace("/tests/Conformance/", "/tests/EngineLoad/"), "Tpo.Tests.EngineLoad.dll");

    private readonly string folder = Directory.CreateTempSubdirectory("engine-load-").FullName;
    private readonly string storage, hub;
    private readonly bool replayAlways;
    private Process? process;

    public LoadProcess(string storage, string hub, int port, bool replayAlways)
    {
        Assert.True(File.Exists(app), $"{app} is missing: build tests/EngineLoad.");
        (this.storage, this.hub, Port, this.replayAlways) = (storage, hub, port, replayAlways);
    }

    public int Port { get; }

    /// <summary>The point at which the last process killed itself; null if it did not.</summary>
    public string? FaultReached => File.Exists(FaultFile) ? File.ReadAllText(FaultFile) : null;

    /// <summary>Lines of instance, activity and digest of the input: one for each run of an activity, over all processes.</summary>
    public IReadOnlyList<string> Runs => File.Exists(RunsFile) ? File.ReadAllLines(RunsFile) : [];

    public string Log => File.Exists(LogFile) ? File.ReadAllText(LogFile) : "";

    /// <summary>Lets an activity of that instance succeed from now on, in whatever process.</summary>
    public void OpenGate(string instanceId) => File.WriteAllText(Path.Combine(folder, instanceId), "");

    private string FaultFile => Path.Combine(folder, "fault");

    private string RunsFile => Path.Combine(folder, "runs");

    private string LogFile => Path.Combine(folder, "app.log");

    public void Start(string? fault)
    {
        File.Delete(FaultFile);
        var start = new ProcessStartInfo("sh", ["-c", "exec dotnet \"$0\" >>\"$1\" 2>&1 </dev/null", app, LogFile]);
        start.Environment["AzureWebJobsStorage"] = storage;
        start.Environment["TPO_PORT"] = $"{Port}";
        start.Environment["AzureFunctionsJobHost__extensions__durableTask__hubName"] = hub;
        start.Environment["TPO_LOG_ROLL_AFTER_BLOCKS"] = "20";
        start.Environment["TPO_ARCHIVE_AFTER"] = "50000";
        start.Environment["TPO_REPLAY_ALWAYS"] = $"{replayAlways}";
        start.Environment["Load__RunsFile"] = RunsFile;
        start.Environment["Load__FaultFile"] = FaultFile;
        start.Environment["Load__Gates"] = folder;
        start.Environment["Load__Fault"] = fault ?? "";
        start.Environment["AzureFunctionsJobHost__logging__logLevel__default"] = "Error"; // of activities that fail there are many
        start.Environment["DOTNET_TieredPGO"] = "0"; // lives for a second
        process = Process.Start(start)!;
    }

    /// <summary>Waits for the process to end by itself; false if it has not within that time.</summary>
    public async Task<bool> EndsWithinAsync(TimeSpan time)
    {
        using var patience = new CancellationTokenSource(time);
        try
        {
            await process!.WaitForExitAsync(patience.Token);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    public async Task EndedByItselfAsync()
    {
        await process!.WaitForExitAsync();
        throw new InvalidOperationException($"The app ended by itself, with exit code {process.ExitCode}.");
    }

    /// <summary>`kill -9`.</summary>
    public async Task KillAsync()
    {
        if (process is null) return;
        process.Kill();
        await process.WaitForExitAsync();
    }

    public void Dispose()
    {
        process?.Kill();
        process?.WaitForExit();
        process?.Dispose();
        Directory.Delete(folder, recursive: true);
    }
}
