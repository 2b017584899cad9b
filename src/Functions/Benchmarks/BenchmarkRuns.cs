using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Benchmarks;

/// <summary>The runs in the catalog, and how one begins.</summary>
public sealed class BenchmarkRuns(Catalog catalog, TimeProvider clock)
{
    /// <summary>Starts the run of that id, or finds it: the same id never starts twice.</summary>
    public async Task<BenchmarkRun> StartAsync(
        string runId, BenchmarkRequest request, ResolvedBenchmark resolved, DurableTaskClient durable, CancellationToken cancellation)
    {
        var run = await PutNewAsync(runId, request, resolved, cancellation);
        if (await durable.GetInstanceAsync(runId, cancellation) is null)
            await durable.ScheduleNewOrchestrationInstanceAsync(nameof(RunBenchmark), runId, new StartOrchestrationOptions(runId), cancellation);
        return run;
    }

    /// <summary>The record of the run of that id, or of one that is about to begin.</summary>
    public async Task<BenchmarkRun> PutNewAsync(string runId, BenchmarkRequest request, ResolvedBenchmark resolved, CancellationToken cancellation)
    {
        if (await FindAsync(runId, cancellation) is { } known)
            return known;
        var now = clock.GetUtcNow();
        var run = new BenchmarkRun
        {
            RunId = runId,
            Status = BenchmarkStatus.Queued,
            Suite = resolved.Suite.Name,
            SuiteSha256 = resolved.Suite.Sha256,
            Models = [.. resolved.Models.Select(card => card.ModelId)],
            Revisions = [.. resolved.Models.Select(card => card.Revision)],
            Limit = request.Limit,
            TextOnly = request.TextOnly,
            GateGroup = request.Gate ? request.GateGroup ?? runId : null,
            GateSuites = request.Gate ? request.GateSuites ?? [resolved.Suite.Name] : null,
            Folder = $"{now:yyyy-MM-dd}/{runId}",
            CreatedAt = now,
            UpdatedAt = now,
        };
        await PutAsync(run, cancellation);
        return run;
    }

    public Task PutAsync(BenchmarkRun run, CancellationToken cancellation) =>
        catalog.PutAsync(Catalog.BenchmarkRuns, run.RunId, run with { UpdatedAt = clock.GetUtcNow() }, cancellation);

    public Task<BenchmarkRun?> FindAsync(string runId, CancellationToken cancellation) =>
        catalog.FindAsync<BenchmarkRun>(Catalog.BenchmarkRuns, runId, cancellation);

    public async Task<BenchmarkRun> GetAsync(string runId, CancellationToken cancellation) =>
        await FindAsync(runId, cancellation) ?? throw new InvalidOperationException($"There is no benchmark run '{runId}'.");

    /// <summary>Newest first.</summary>
    public async Task<IReadOnlyList<BenchmarkRun>> ListAsync(CancellationToken cancellation) =>
        [.. (await catalog.ListAsync<BenchmarkRun>(Catalog.BenchmarkRuns, cancellation)).Reverse()];
}
