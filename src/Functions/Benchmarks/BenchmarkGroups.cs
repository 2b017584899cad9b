using Microsoft.DurableTask.Client;
using Tpo.Shared.Benchmarks;

namespace Tpo.Functions.Benchmarks;

/// <summary>Several suites by one request: a run each, begun together or not at all.</summary>
public sealed class BenchmarkGroups(BenchmarkRuns runs, BenchmarkRules rules, Gates gates)
{
    /// <param name="name">the same name never starts a suite twice, and starts those that a torn request left out</param>
    /// <returns>The group; null where there are errors.</returns>
    public async Task<(BenchmarkGroup? Group, IReadOnlyList<(string Field, string Sentence)> Errors)> StartAsync(
        string name, BenchmarkRequest request, DurableTaskClient durable, CancellationToken cancellation)
    {
        var suites = request.Suites!;
        if (suites.Count == 0 || suites.Distinct().Count() != suites.Count)
            return (null, [("suites", "Name every suite once, and at least one.")]);
        if (request.GateGroup is not null || request.GateSuites is not null)
            return (null, [("gateGroup", "Of several suites the gate's group is the request's own: leave `gateGroup` and `gateSuites` out.")]);
        var (resolved, errors) = (new List<ResolvedBenchmark>(), new List<(string, string)>());
        foreach (var suite in suites)
        {
            var (one, problems) = await rules.ResolveAsync(request with { Suite = suite, Suites = null }, cancellation);
            if (one is not null)
                resolved.Add(one);
            errors.AddRange(problems);
        }
        if (errors.Count > 0)
            return (null, [.. errors.Distinct()]);
        foreach (var one in resolved)
        {
            var asked = request with { Suite = one.Suite.Name, Suites = null, GateGroup = request.Gate ? name : null, GateSuites = request.Gate ? suites : null };
            await runs.StartAsync($"{name}-{one.Suite.Name}", asked, one, durable, cancellation, new RunGroup(name, suites));
        }
        return (await FindAsync(name, cancellation), []);
    }

    /// <summary>Null where no run has that name.</summary>
    public async Task<BenchmarkGroup?> FindAsync(string name, CancellationToken cancellation) =>
        BenchmarkGroup.Of(name, await runs.ListAsync(cancellation), await gates.FindAsync(name, cancellation));
}
