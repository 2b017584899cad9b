using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;
using Tpo.Shared.Training;

namespace Tpo.Tests.Unit.Training;

/// <summary>When another round begins, and what the run says where none does.</summary>
public sealed class RoundRuleTests
{
    [Fact]
    public void After_a_gain_the_next_round_begins()
    {
        var verdict = RoundRule.Decide(1, 3, Trained(), Compared(0.06, 0.02, 0.10));
        Assert.Equal((null, true), (verdict.Ends, verdict.Gain));
        Assert.Equal("Round 1 of 3 brought a gain. tuned against base: +6.0 points, 95 % interval +2.0 to +10.0, over demo; the gate says pass.", verdict.Sentence);
    }

    [Fact]
    public void After_the_last_round_asked_for_none_begins_though_it_brought_a_gain()
    {
        var verdict = RoundRule.Decide(3, 3, Trained(), Compared(0.06, 0.02, 0.10));
        Assert.Equal((RunStatus.Succeeded, true), (verdict.Ends, verdict.Gain));
        Assert.Contains("it was the last", verdict.Sentence);
    }

    [Theory]
    [InlineData(0.00, -0.01, 0.01)] // surely not worse, and no better: the gate says pass
    [InlineData(0.03, 0.00, 0.06)]
    [InlineData(0.02, -0.05, 0.09)] // inconclusive
    [InlineData(-0.06, -0.09, -0.03)] // regressed
    public void What_is_not_surely_better_ends_the_rounds_and_the_base_stays(double mean, double low, double high)
    {
        var verdict = RoundRule.Decide(2, 3, Trained(), Compared(mean, low, high));
        Assert.Equal((RunStatus.Succeeded, false), (verdict.Ends, verdict.Gain));
        Assert.StartsWith("Round 2 of 3 brought no gain, so the rounds end and base stays the one to use. tuned against base:", verdict.Sentence);
    }

    [Fact]
    public void A_round_that_fails_or_is_cancelled_ends_the_rounds_with_its_reason()
    {
        Assert.Equal((RunStatus.Failed, "Round 2 of 3 failed. The disk is full."), End(Trained() with { Status = RunStatus.Failed, Failure = "The disk is full." }));
        Assert.Equal((RunStatus.Cancelled, "Round 2 of 3 was cancelled. The run was cancelled on request."),
            End(Trained() with { Status = RunStatus.Cancelled, Failure = "The run was cancelled on request." }));
    }

    [Fact]
    public void A_round_that_could_not_be_compared_is_no_gain_and_no_loss_but_a_failure()
    {
        Assert.Equal((RunStatus.Failed, "Round 2 of 3 made tuned, and nothing tells whether it is better than base. There is no suite 'demo'."),
            End(Trained() with { BenchmarkFailure = "There is no suite 'demo'." }));
        Assert.Contains("The videos are gone.", RoundRule.Decide(2, 3, Trained(), Compared(0, 0, 0) with { Result = null, Failure = "The videos are gone." }).Sentence);
    }

    [Theory]
    [InlineData("tpo-nano", "train-1", "tpo-nano-tpo-train-1")]
    [InlineData("tpo-nano", "train-1-round-1", "tpo-nano-tpo-train-1-round-1")]
    [InlineData("tpo-nano-tpo-train-1-round-1", "train-1-round-2", "tpo-nano-tpo-train-1-round-2")]
    [InlineData("tpo-nano-tpo-train-1-round-9", "train-1-round-10", "tpo-nano-tpo-train-1-round-10")]
    [InlineData("tpo-nano-tpo-train-1-round-1", "train-2", "tpo-nano-tpo-train-1-round-1-tpo-train-2")]
    [InlineData("tpo-nano-tpo-train-1-round-2", "train-2-round-1", "tpo-nano-tpo-train-1-round-2-tpo-train-2-round-1")]
    public void Names_of_models_do_not_grow_with_the_rounds(string baseModel, string run, string model) => Assert.Equal(model, RoundNames.Model(baseModel, run));

    private static (RunStatus?, string) End(TrainingRun training)
    {
        var verdict = RoundRule.Decide(2, 3, training, null);
        Assert.Null(verdict.Gain);
        return (verdict.Ends, verdict.Sentence);
    }

    private static TrainingRun Trained() => new()
    {
        RunId = "r-round-2", Status = RunStatus.Succeeded, Request = new TrainingRequest(), CreatedAt = default, UpdatedAt = default,
        Result = new TrainingResult("r-round-2", "tuned", "base", "set/1", 10, 4, 0.69, 0.5, "", "", 1),
    };

    private static BenchmarkRun Compared(double mean, double low, double high)
    {
        var (score, difference) = (new ModelScore("m", 0.6, 0.5, 0.7, 60, 100, 0), new Difference(mean, low, high, 0.5));
        return new BenchmarkRun
        {
            RunId = "bench", Status = BenchmarkStatus.Succeeded, Suite = "demo", Models = ["base", "tuned"], Folder = "f", CreatedAt = default, UpdatedAt = default,
            Result = new BenchmarkResult(score, score, difference, Gate.Of(difference, 0.02), 100, 30, 0),
        };
    }
}
