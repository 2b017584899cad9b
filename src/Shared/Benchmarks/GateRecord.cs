using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Benchmarks;

/// <summary>What a gate decided and what came of it; kept in the catalog.</summary>
/// <param name="Group">the name that its runs share</param>
/// <param name="Models">baseline, candidate</param>
/// <param name="Decision">null where a run failed, so that nothing could be decided</param>
/// <param name="Moved">whether `latest` points to the candidate now because of it</param>
/// <param name="Sentence">the decision and its reason, for a person</param>
public sealed record GateRecord(
    string Group, IReadOnlyList<string> Runs, IReadOnlyList<string> Models, GateDecision? Decision, bool Moved, string Sentence, DateTimeOffset At)
{
    public int SchemaVersion { get; init; } = 1;
}

/// <summary>What a gate's runs mean for `latest`. Pure.</summary>
public static class GateRule
{
    /// <returns>The gate's runs, one a suite and the newest of each; null while one is missing or still going.</returns>
    public static IReadOnlyList<BenchmarkRun>? Complete(IEnumerable<BenchmarkRun> all, string group)
    {
        var runs = all.Where(run => run.GateGroup == group).OrderBy(run => run.CreatedAt).ToList();
        if (runs.Count == 0)
            return null;
        var newest = runs[^1].GateSuites!.Select(suite => runs.LastOrDefault(run => run.Suite == suite)).ToList();
        return newest.All(run => run is { IsFinal: true }) ? newest.ConvertAll(run => run!) : null;
    }

    /// <summary>`latest` moves where every run went through, all of them compared the same two models, the gate passed, and the baseline is what `latest` is now.</summary>
    /// <param name="latest">where `latest` points, or pointed before this gate moved it</param>
    public static (GateDecision? Decision, bool Moves, string Sentence) Decide(IReadOnlyList<BenchmarkRun> runs, string latest)
    {
        var (baseline, candidate) = (runs[0].Models[0], runs[0].Models[1]);
        if (runs.FirstOrDefault(run => run.Result is null) is { } failed)
            return (null, false, $"Nothing is decided: the run {failed.RunId} on {failed.Suite} failed. {failed.Failure}");
        if (runs.Any(run => !run.Models.SequenceEqual(runs[0].Models) || !run.Revisions.SequenceEqual(runs[0].Revisions)))
            return (null, false, "Nothing is decided: the gate's runs do not compare the same two models.");
        var decision = Statistics.Gate.Decide([.. runs.Select(run => new SuiteDifference(run.Suite, run.Result!.Difference))], runs[0].Result!.GateMargin);
        var figures = $"{candidate} against {baseline}: {Points(decision.Mean.Mean)} points, 95 % interval {Points(decision.Mean.Low)} to {Points(decision.Mean.High)}, "
            + $"over {string.Join(", ", runs.Select(run => run.Suite))}";
        return decision.Gate switch
        {
            Statistics.Gate.Regressed => (decision, false, $"Regressed. {figures}{Worst(decision)}. `latest` stays {latest}."),
            Statistics.Gate.Inconclusive => (decision, false,
                $"Inconclusive. {figures}. `latest` stays {latest}; about {decision.QuestionsToDecide:N0} questions instead of {decision.Mean.Questions:N0} would decide, or a person (POST /api/models/{candidate}/promote)."),
            _ when latest != baseline => (decision, false, $"Pass. {figures}. `latest` stays {latest}: it is not the baseline that was passed."),
            _ => (decision, true, $"Pass. {figures}. `latest` moves from {latest} to {candidate}."),
        };
    }

    private static string Worst(GateDecision decision) =>
        decision.Suites.Where(suite => suite.Gate == Statistics.Gate.Regressed).Select(suite => suite.Suite).ToList() is { Count: > 0 } bad && decision.Suites.Count > 1
            ? $"; worse on {string.Join(", ", bad)}" : "";

    private static string Points(double share) => FormattableString.Invariant($"{100 * share:+0.0;-0.0;0.0}");
}
