using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Benchmarks;

/// <summary>Runs of several suites that were asked for at once, one a suite.</summary>
/// <param name="Status">failed where any run failed, once all have ended</param>
/// <param name="Missing">suites whose run has not begun</param>
/// <param name="Decision">over all suites together, as a gate decides; null while a run goes on or where one has no row</param>
/// <param name="Gate">what the gate decided of `latest`, where one was asked for</param>
public sealed record BenchmarkGroup(
    string Group, BenchmarkStatus Status, IReadOnlyList<BenchmarkRun> Runs, IReadOnlyList<string> Missing, GateDecision? Decision, GateRecord? Gate)
{
    public int SchemaVersion { get; init; } = 1;
    public int Done => Runs.Sum(run => run.Done);
    public int Total => Runs.Sum(run => run.Total);

    /// <returns>Null where no run has that name.</returns>
    public static BenchmarkGroup? Of(string group, IEnumerable<BenchmarkRun> all, GateRecord? gate)
    {
        var newest = all.Where(run => run.Group == group).GroupBy(run => run.Suite).ToDictionary(same => same.Key, same => same.MaxBy(run => run.CreatedAt)!);
        if (newest.Count == 0)
            return null;
        var suites = newest.Values.First().GroupSuites ?? [.. newest.Keys];
        List<BenchmarkRun> runs = [.. suites.Where(newest.ContainsKey).Select(suite => newest[suite])];
        string[] missing = [.. suites.Where(suite => !newest.ContainsKey(suite))];
        var ended = missing.Length == 0 && runs.TrueForAll(run => run.IsFinal);
        var decision = ended && runs.TrueForAll(run => run.Result is not null)
            ? Statistics.Gate.Decide([.. runs.Select(run => new SuiteDifference(run.Suite, run.Result!.Difference))], runs[0].Result!.GateMargin) : null;
        var status = !ended ? BenchmarkStatus.Answering : runs.Exists(run => run.Status == BenchmarkStatus.Failed) ? BenchmarkStatus.Failed : BenchmarkStatus.Succeeded;
        return new BenchmarkGroup(group, status, runs, missing, decision, gate);
    }
}
