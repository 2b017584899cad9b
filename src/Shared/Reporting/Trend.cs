using Tpo.Shared.Benchmarks;

namespace Tpo.Shared.Reporting;

/// <summary>One comparison of a suite, as the trend shows it; shares.</summary>
public sealed record NightPoint(string RunId, DateTimeOffset At, string Base, string Tuned, ModelScore Score, Difference Difference, string Gate);

/// <summary>The comparisons of a suite over time, this one last. Only whole ones, and only of the same questions: others are no points of one line.</summary>
internal static class Trend
{
    private const int Most = 60;

    public static IEnumerable<NightPoint> Of(IEnumerable<BenchmarkRun> earlier, BenchmarkPlan plan, DateTimeOffset at, BenchmarkResult result) =>
    [
        .. earlier.Where(run => run.Result is not null && run.Limit is null && run.RunId != plan.RunId && run.CreatedAt < at
                && run.Suite == plan.Suite && run.SuiteSha256 == plan.SuiteSha256 && (run.Protocol ?? plan.Protocol) == plan.Protocol)
            .OrderBy(run => run.CreatedAt).TakeLast(Most - 1)
            .Select(run => new NightPoint(run.RunId, run.CreatedAt, run.Models[0], run.Models[1], run.Result!.Tuned, run.Result.Difference, run.Result.Gate)),
        new NightPoint(plan.RunId, at, plan.Models[0].ModelId, plan.Models[1].ModelId, result.Tuned, result.Difference, result.Gate),
    ];
}
