using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>What a gate's runs mean for `latest`.</summary>
public sealed class GateRuleTests
{
    private static readonly DateTimeOffset Noon = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

    [Fact]
    public void A_candidate_that_passes_against_latest_becomes_latest()
    {
        var (decision, moves, sentence) = GateRule.Decide([Run("demo", 0.03)], "base");
        Assert.Equal(("pass", true), (decision!.Gate, moves));
        Assert.Equal("Pass. tuned against base: +3.0 points, 95 % interval +1.0 to +5.0, over demo. `latest` moves from base to tuned.", sentence);
    }

    [Fact]
    public void Passing_against_something_else_moves_nothing()
    {
        var (decision, moves, sentence) = GateRule.Decide([Run("demo", 0.03)], "better");
        Assert.Equal(("pass", false), (decision!.Gate, moves));
        Assert.EndsWith("`latest` stays better: it is not the baseline that was passed.", sentence);
    }

    [Fact]
    public void An_inconclusive_gate_keeps_latest_and_says_how_many_questions_would_decide()
    {
        var (decision, moves, sentence) = GateRule.Decide([Run("demo", -0.01)], "base");
        Assert.Equal(("inconclusive", false), (decision!.Gate, moves));
        // n' = 1000 · (2.8016 · 0.0102 / 0.01)²
        Assert.InRange(decision.QuestionsToDecide!.Value, 8_000, 8_350);
        Assert.Contains($"`latest` stays base; about {decision.QuestionsToDecide:N0} questions instead of 1,000 would decide, or a person (POST /api/models/tuned/promote).", sentence);
    }

    [Fact]
    public void A_regression_on_one_suite_of_three_keeps_latest_and_is_named()
    {
        var (decision, moves, sentence) = GateRule.Decide([Run("one", 0.01), Run("two", -0.06), Run("three", 0.02)], "base");
        Assert.Equal(("regressed", false), (decision!.Gate, moves));
        Assert.Contains("; worse on two. `latest` stays base.", sentence);
    }

    [Fact]
    public void A_failed_run_or_one_of_other_models_decides_nothing()
    {
        var failed = Run("two", 0) with { Status = BenchmarkStatus.Failed, Result = null, Failure = "The suite is gone." };
        Assert.Equal((null, false, "Nothing is decided: the run run-two on two failed. The suite is gone."), GateRule.Decide([Run("one", 0.03), failed], "base"));
        Assert.Equal((null, false), Without(GateRule.Decide([Run("one", 0.03), Run("two", 0.03) with { Revisions = ["r0", "r9"] }], "base")));

        static (object?, bool) Without((object? Decision, bool Moves, string) decided) => (decided.Decision, decided.Moves);
    }

    [Fact]
    public void The_gate_waits_for_every_suite_and_takes_the_newest_run_of_each()
    {
        string[] both = ["one", "two"];
        var (one, two) = (Run("one", 0.03) with { GateSuites = both }, Run("two", 0.03) with { GateSuites = both });
        Assert.Null(GateRule.Complete([one], "night"));
        Assert.Null(GateRule.Complete([one, two with { Status = BenchmarkStatus.Answering }], "night"));
        Assert.Null(GateRule.Complete([one, two], "another"));
        var again = two with { RunId = "again", CreatedAt = Noon.AddHours(1) };
        Assert.Equal(["run-one", "again"], GateRule.Complete([one, two with { Status = BenchmarkStatus.Failed }, again], "night")!.Select(run => run.RunId));
    }

    private static BenchmarkRun Run(string suite, double mean)
    {
        var score = new ModelScore("m", 0.6, 0.5, 0.7, 600, 1000, 0);
        var difference = new Difference(mean, mean - 0.02, mean + 0.02, 0.5) { StandardError = 0.0102, Degrees = 300, Questions = 1000 };
        return new BenchmarkRun
        {
            RunId = $"run-{suite}", Status = BenchmarkStatus.Succeeded, Suite = suite, Models = ["base", "tuned"], Revisions = ["r0", "r1"], Folder = "f", GateGroup = "night", GateSuites = [suite],
            Result = new BenchmarkResult(score, score, difference, "pass", 1000, 333, 0) { GateMargin = 0.02 }, CreatedAt = Noon, UpdatedAt = Noon,
        };
    }
}
