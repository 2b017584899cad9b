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
        string runId, BenchmarkRequest request, ResolvedBenchmark resolved, DurableTaskClient durable, CancellationToken cancellation, RunGroup? group = null)
    {
        var run = await PutNewAsync(runId, request, resolved, cancellation, group);
        if (await durable.GetInstanceAsync(runId, cancellation) is null)
            await durable.ScheduleNewOrchestrationInstanceAsync(nameof(RunBenchmark), runId, new StartOrchestrationOptions(runId), cancellation);
        return run;
    }

    /// <summary>The record of the run of that id, or of one that is about to begin.</summary>
    public async Task<BenchmarkRun> PutNewAsync(
        string runId, BenchmarkRequest request, ResolvedBenchmark resolved, CancellationToken cancellation, RunGroup? group = null)
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
            Protocol = resolved.Protocol.Name,
            Group = group?.Name,
            GroupSuites = group?.Suites,
            Models = [.. resolved.Models.Select(card => card.ModelId)],
            Revisions = [.. resolved.Models.Select(card => card.Revision)],
            Limit = request.Limit,
            Shard = request.Shard,
            PredictOnly = request.PredictOnly,
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

    /// <summary>The run with the shards that are done by now.</summary>
    public async Task<BenchmarkRun> WithProgressAsync(BenchmarkRun run, DurableTaskClient durable, CancellationToken cancellation)
    {
        if (run.IsFinal)
            return run;
        var instance = await durable.GetInstanceAsync(run.RunId, getInputsAndOutputs: true, cancellation);
        var done = instance?.SerializedCustomStatus is null ? 0 : instance.ReadCustomStatusAs<int>();
        return run with { Done = Math.Max(run.Done, done) };
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

/// <summary>The name that runs asked for at once share, and all of their suites.</summary>
public sealed record RunGroup(string Name, IReadOnlyList<string> Suites);
