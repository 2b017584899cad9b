using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// Decides a gate when its last run ends, and moves `latest` where it passed. Every run asks as it ends, after its own record is written: whichever is last
/// sees all of them, and deciding twice changes nothing.
/// </summary>
public sealed class Gates(Catalog catalog, LatestModels latest, TimeProvider clock)
{
    /// <returns>the decision that this run's end made possible; null where there was none to make</returns>
    public async Task<GateRecord?> DecideAsync(BenchmarkRun ended, CancellationToken cancellation)
    {
        if (ended.GateGroup is not { } group || await FindAsync(group, cancellation) is not null)
            return null;
        if (GateRule.Complete(await catalog.ListAsync<BenchmarkRun>(Catalog.BenchmarkRuns, cancellation), group) is not { } runs)
            return null;
        // A process that ended between the move and its record has moved `latest` already.
        var before = await latest.FindAsync(cancellation) is { } pointer && pointer.GateGroup == group ? pointer.Before : null;
        var (decision, moves, sentence) = GateRule.Decide(runs, before ?? await latest.IdAsync(cancellation));
        if (moves)
        {
            var card = await catalog.FindAsync<ModelCard>(Catalog.Models, runs[0].Models[1], cancellation)
                ?? throw new InvalidOperationException($"The model '{runs[0].Models[1]}' is not registered any more.");
            await latest.PromoteAsync(card, LatestModels.Gate, sentence, group, cancellation);
        }
        var record = new GateRecord(group, [.. runs.Select(run => run.RunId)], runs[0].Models, decision, moves, sentence, clock.GetUtcNow());
        await catalog.PutAsync(Catalog.Gates, group, record, cancellation);
        return record;
    }

    /// <summary>Null while it is not decided.</summary>
    public Task<GateRecord?> FindAsync(string group, CancellationToken cancellation) => catalog.FindAsync<GateRecord>(Catalog.Gates, group, cancellation);
}
