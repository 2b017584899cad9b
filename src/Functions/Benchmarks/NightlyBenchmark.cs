using System.Security.Cryptography;
using System.Text;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;

namespace Tpo.Functions.Benchmarks;

/// <summary>
/// Compares the newest model with `latest` by the clock, on every suite of the setting; the gate decides over all of them together. A comparison that was
/// made already is not made again: the log says with which run.
/// </summary>
public sealed class NightlyBenchmark(BenchmarkRuns runs, BenchmarkRules rules, TpoSettings settings, TimeProvider clock, ILogger<NightlyBenchmark> log)
{
    [Function("NightlyBenchmark")]
    public async Task Run(
        [TimerTrigger("%Tpo:NightlySchedule%")] TimerInfo timer, [DurableClient] DurableTaskClient durable, CancellationToken cancellation)
    {
        if (timer.IsPastDue)
            log.LogInformation("The nightly benchmark is late: it was due while nothing ran. It runs once now, however many nights were missed.");
        var night = new List<(BenchmarkRequest Request, ResolvedBenchmark Resolved)>();
        foreach (var suite in settings.NightlySuites)
        {
            var request = new BenchmarkRequest
            {
                Suite = suite, Models = [settings.NightlyBaseline, settings.NightlyCandidate], TextOnly = settings.NightlyTextOnly, Gate = true,
            };
            if (await NewAsync(request, cancellation) is { } resolved)
                night.Add((request, resolved));
        }
        await StartAsync(night, durable, cancellation);
    }

    /// <summary>The comparison, or null where it cannot be made or was made already; then the log has the reason.</summary>
    private async Task<ResolvedBenchmark?> NewAsync(BenchmarkRequest request, CancellationToken cancellation)
    {
        var (resolved, errors) = await rules.ResolveAsync(request, cancellation);
        if (resolved is null)
        {
            log.LogWarning(
                "The nightly benchmark on {Suite} is skipped: {Reasons}", request.Suite, string.Join(' ', errors.Select(error => $"{error.Field}: {error.Sentence}")));
            return null;
        }
        if (await MadeAlreadyAsync(resolved, cancellation) is not { } before)
            return resolved;
        log.LogInformation(
            "The nightly benchmark is skipped: nothing is new since run {Run} compared {Candidate} with {Baseline} on {Suite}.",
            before.RunId, before.Models[1], before.Models[0], before.Suite);
        return null;
    }

    private async Task StartAsync(List<(BenchmarkRequest Request, ResolvedBenchmark Resolved)> night, DurableTaskClient durable, CancellationToken cancellation)
    {
        string[] suites = [.. night.Select(one => one.Resolved.Suite.Name)];
        var group = NightId([.. night.Select(one => one.Resolved)]);
        foreach (var (request, resolved) in night)
        {
            var run = await runs.StartAsync(NightId([resolved]), request with { GateGroup = group, GateSuites = suites }, resolved, durable, cancellation, new RunGroup(group, suites));
            log.LogInformation("The nightly benchmark {Run} compares {Candidate} with {Baseline} on {Suite}.", run.RunId, run.Models[1], run.Models[0], run.Suite);
        }
    }

    /// <summary>A comparison without a gate decided nothing, so it does not spare the night.</summary>
    private async Task<BenchmarkRun?> MadeAlreadyAsync(ResolvedBenchmark resolved, CancellationToken cancellation) =>
        (await runs.ListAsync(cancellation)).FirstOrDefault(run =>
            run.Status != BenchmarkStatus.Failed && run.GateGroup is not null && run.Suite == resolved.Suite.Name && run.SuiteSha256 == resolved.Suite.Sha256
            && (run.Protocol ?? resolved.Protocol.Name) == resolved.Protocol.Name
            && run.Models.SequenceEqual(resolved.Models.Select(card => card.ModelId))
            && run.Revisions.SequenceEqual(resolved.Models.Select(card => card.Revision)));

    /// <summary>One id a night and comparison: a timer that fires twice starts it once, and a failed night is tried again the next.</summary>
    private string NightId(IReadOnlyList<ResolvedBenchmark> resolved)
    {
        var what = string.Join('\n', resolved.SelectMany(one => (string[])[one.Suite.Name, one.Suite.Sha256, one.Protocol.Name, .. one.Models.Select(card => $"{card.ModelId}@{card.Revision}")]));
        return $"nightly-{clock.GetUtcNow():yyyyMMdd}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(what)))[..12]}";
    }
}
