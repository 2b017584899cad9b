using System.Security.Cryptography;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;

namespace Tpo.Functions.Benchmarks;

/// <summary>Compares the newest model with the baseline by the clock; a comparison that was made already is not made again.</summary>
public sealed class NightlyBenchmark(BenchmarkRuns runs, BenchmarkRules rules, TpoSettings settings, TimeProvider clock, ILogger<NightlyBenchmark> log)
{
    [Function("NightlyBenchmark")]
    public async Task Run(
        [TimerTrigger("%Tpo:NightlySchedule%")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellation)
    {
        if (timer.IsPastDue)
            log.LogInformation("The nightly benchmark is late: it was due while nothing ran.");
        var request = new BenchmarkRequest { Suite = settings.NightlySuite, Models = [settings.NightlyBaseline, settings.NightlyCandidate] };
        var (resolved, errors) = await rules.ResolveAsync(request, cancellation);
        if (resolved is null)
        {
            log.LogWarning("The nightly benchmark is skipped: {Reasons}", string.Join(' ', errors.Select(error => $"{error.Field}: {error.Sentence}")));
            return;
        }
        if (await MadeAlreadyAsync(resolved, cancellation) is { } before)
        {
            log.LogInformation(
                "The nightly benchmark is skipped: nothing is new since run {Run} compared {Candidate} with {Baseline} on {Suite}.",
                before.RunId, before.Models[1], before.Models[0], before.Suite);
            return;
        }
        var run = await runs.StartAsync(RunId(resolved), request, resolved, durable, cancellation);
        log.LogInformation("The nightly benchmark {Run} compares {Candidate} with {Baseline} on {Suite}.", run.RunId, run.Models[1], run.Models[0], run.Suite);
    }

    private async Task<BenchmarkRun?> MadeAlreadyAsync(ResolvedBenchmark resolved, CancellationToken cancellation) =>
        (await runs.ListAsync(cancellation)).FirstOrDefault(run =>
            run.Status != BenchmarkStatus.Failed && run.Limit is null && run.Suite == resolved.Suite.Name && run.SuiteSha256 == resolved.Suite.Sha256
            && run.Models.SequenceEqual(resolved.Models.Select(card => card.ModelId))
            && run.Revisions.SequenceEqual(resolved.Models.Select(card => card.Revision)));

    /// <summary>One id a night and comparison: a timer that fires twice starts it once, and a failed night is tried again the next.</summary>
    private string RunId(ResolvedBenchmark resolved)
    {
        var what = string.Join('\n', [resolved.Suite.Name, resolved.Suite.Sha256, .. resolved.Models.Select(card => $"{card.ModelId}@{card.Revision}")]);
        return $"nightly-{clock.GetUtcNow():yyyyMMdd}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)))[..12]}";
    }
}
