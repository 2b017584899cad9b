using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class GateTests
{
    private const double Margin = 0.02;

    [Theory]
    [InlineData(-0.10, -0.01, "regressed")]
    [InlineData(-0.01, 0.05, "pass")]
    [InlineData(-0.019, -0.001, "regressed")]
    [InlineData(-0.02, 0.05, "inconclusive")]
    [InlineData(-0.10, 0.00, "inconclusive")]
    public void The_gate_reads_the_interval(double low, double high, string gate) =>
        Assert.Equal(gate, Gate.Of(new Difference((low + high) / 2, low, high, 0.5), Margin));

    [Fact]
    public void One_suite_decides_as_its_interval_does()
    {
        foreach (var (mean, gate) in new[] { (-0.04, "regressed"), (0.01, "pass"), (-0.01, "inconclusive"), (-0.0195, "inconclusive") })
        {
            var decision = Gate.Decide([Suite("one", mean)], Margin);
            Assert.Equal((gate, gate), (decision.Gate, Gate.Of(decision.Mean, Margin)));
            Assert.Equal(gate == "inconclusive", decision.QuestionsToDecide is not null);
        }
    }

    [Fact]
    public void One_bad_suite_among_ten_must_be_worse_than_one_alone()
    {
        // 2.2 standard errors below zero: alone a regression, the worst of ten alike not.
        Assert.Equal("regressed", Gate.Decide([Suite("bad", -0.022)], Margin).Gate);
        SuiteDifference[] rest = [.. Enumerable.Range(0, 9).Select(i => Suite($"suite{i}", 0.002))];
        Assert.Equal("pass", Gate.Decide([Suite("bad", -0.022), .. rest], Margin).Gate);
        var worse = Gate.Decide([Suite("bad", -0.04), .. rest], Margin);
        Assert.Equal(("regressed", "regressed"), (worse.Gate, worse.Suites[0].Gate));
        Assert.All(worse.Suites.Skip(1), suite => Assert.NotEqual("regressed", suite.Gate));
    }

    [Fact]
    public void A_small_drop_everywhere_is_a_regression_that_no_suite_shows_alone()
    {
        SuiteDifference[] suites = [.. Enumerable.Range(0, 10).Select(i => Suite($"suite{i}", -0.012))];
        var decision = Gate.Decide(suites, Margin);
        Assert.Equal("regressed", decision.Gate);
        Assert.All(decision.Suites, suite => Assert.NotEqual("regressed", suite.Gate));
        Assert.Equal(-0.012, decision.Mean.Mean, 12);
        Assert.Equal(0.01 / Math.Sqrt(10), decision.Mean.StandardError, 12);
    }

    [Fact]
    public void A_suite_weighs_one_however_many_questions_it_has()
    {
        var pooled = Gate.Pool([Suite("small", 0.06, questions: 100).Difference, Suite("large", 0, questions: 9_900).Difference]);
        Assert.Equal((0.03, 10_000), (pooled.Mean, pooled.Questions));
    }

    [Fact]
    public void The_questions_that_would_decide_do_decide_in_four_of_five_runs()
    {
        // Worse by 2.5 points, 333 videos: too few to be sure of. The error is many nights', the difference the true one: one night's would add their own chance.
        var needed = Gate.QuestionsToDecide(Typical with { Mean = -0.025 }, Margin);
        Assert.InRange(needed, 2_000, 3_000);
        Assert.InRange(Power(needed / 3, 0.025), 0.75, 0.85);
    }

    [Fact]
    public void The_minimum_detectable_effect_is_detected_in_four_of_five_runs()
    {
        Assert.InRange(Typical.MinimumDetectable, 0.038, 0.042);
        Assert.InRange(Power(333, Typical.MinimumDetectable), 0.75, 0.85);
    }

    /// <summary>What 333 videos of 3 questions with a discordance of 0.2 tell, over 50 nights of equal models.</summary>
    private static Difference Typical
    {
        get
        {
            var simulation = new GateSimulation(3);
            Difference[] nights = [.. Enumerable.Range(0, 50).Select(_ => PairedDifference.Of(simulation.Night().Differences))];
            return nights[0] with { Mean = 0, StandardError = nights.Average(d => d.StandardError), MinimumDetectable = nights.Average(d => d.MinimumDetectable) };
        }
    }

    private static double Power(int videos, double drop)
    {
        var simulation = new GateSimulation(5, videos, drop: drop);
        return Enumerable.Range(0, 400).Count(_ => PairedDifference.Of(simulation.Night().Differences).High < 0) / 400.0;
    }

    private static SuiteDifference Suite(string name, double mean, double error = 0.01, int questions = 1000) =>
        new(name, new Difference(mean, mean - 1.96 * error, mean + 1.96 * error, 0.5) { StandardError = error, Degrees = 1e6, Questions = questions });
}
