using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <summary>The runs in the catalog.</summary>
public sealed class TrainingRuns(TpoStorage storage, Catalog catalog, TimeProvider clock)
{
    public TrainingRun New(string runId, TrainingRequest request) => new()
    {
        RunId = runId,
        Status = RunStatus.Queued,
        Request = request,
        CreatedAt = clock.GetUtcNow(),
        UpdatedAt = clock.GetUtcNow(),
    };

    public Task PutAsync(TrainingRun run, CancellationToken cancellation) =>
        catalog.PutAsync(Catalog.TrainingRuns, run.RunId, run with { UpdatedAt = clock.GetUtcNow() }, cancellation);

    public Task<TrainingRun?> FindAsync(string runId, CancellationToken cancellation) =>
        catalog.FindAsync<TrainingRun>(Catalog.TrainingRuns, runId, cancellation);

    public async Task<TrainingRun> GetAsync(string runId, CancellationToken cancellation) =>
        await FindAsync(runId, cancellation) ?? throw new InvalidOperationException($"There is no training run '{runId}'.");

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<TrainingRun>> ListAsync(CancellationToken cancellation) =>
        [.. (await catalog.ListAsync<TrainingRun>(Catalog.TrainingRuns, cancellation)).Reverse()];

    /// <summary>The run whose job there is to look at: of several rounds the newest one's.</summary>
    public static string WithJob(TrainingRun run) => run.Rounds is [.., var newest] ? newest.RunId : run.RunId;

    /// <summary>The run with the job's last beat, its curve so far and what that looks like.</summary>
    public async Task<TrainingStatus> StatusAsync(TrainingRun run, CancellationToken cancellation)
    {
        var job = WithJob(run);
        var metrics = await storage.ReadJsonLinesAsync<TrainingMetrics>(Containers.Training, TrainingBlobs.Metrics(job), cancellation);
        return new TrainingStatus(run, await storage.TryReadJsonAsync<TrainingProgress>(Containers.Training, TrainingBlobs.Progress(job), cancellation), metrics)
        {
            Curves = CurveReading.Of(run.Request, metrics),
            Job = await storage.TryReadJsonAsync<BackendJob>(Containers.Training, TrainingBlobs.Backend(job), cancellation),
        };
    }
}
