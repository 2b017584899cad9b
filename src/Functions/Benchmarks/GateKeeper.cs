using Microsoft.Extensions.Logging;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Benchmarks;

/// <summary>
/// Decides a gate when its last run ends, and moves `latest` where it passed. Every run asks as it ends, after its own record is written: whichever is last
/// sees all of them, and deciding twice changes nothing.
/// </summary>
public sealed class GateKeeper(BenchmarkRuns runs, LatestModels latest, Catalog catalog, TimeProvider clock, ILogger<GateKeeper> log)
{
    public async Task DecideAsync(BenchmarkRun ended, CancellationToken cancellation)
    {
        if (ended.GateGroup is not { } group || await FindAsync(group, cancellation) is not null)
            return;
        if (GateRule.Complete(await runs.ListAsync(cancellation), group) is not { } all)
            return;
        var moved = await latest.FindAsync(cancellation) is { } pointer && pointer.GateGroup == group ? pointer.Before : null;
        var (decision, moves, sentence) = GateRule.Decide(all, moved ?? await latest.IdAsync(cancellation));
        if (moves)
        {
            var card = await catalog.FindAsync<ModelCard>(Catalog.Models, all[0].Models[1], cancellation)
                ?? throw new InvalidOperationException($"The model '{all[0].Models[1]}' is not registered any more.");
            await latest.PromoteAsync(card, LatestModels.Gate, sentence, group, cancellation);
        }
        log.LogInformation("The gate {Group}: {Sentence}", group, sentence);
        await catalog.PutAsync(
            Catalog.Gates, group, new GateRecord(group, [.. all.Select(run => run.RunId)], all[0].Models, decision, moves, sentence, clock.GetUtcNow()), cancellation);
    }

    /// <summary>Null while it is not decided.</summary>
    public Task<GateRecord?> FindAsync(string group, CancellationToken cancellation) => catalog.FindAsync<GateRecord>(Catalog.Gates, group, cancellation);
}
