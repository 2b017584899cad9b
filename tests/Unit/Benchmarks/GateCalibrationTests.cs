using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;
using Xunit.Abstractions;

namespace Tpo.Tests.Unit.Benchmarks;

/// <summary>
/// How often the gate is right where the truth is known: 333 videos of 3 questions, accuracy 0.65 with a random effect a video, 1,000 nights each
/// (<see cref="GateSimulation"/>). `docs/statistics.md` has the table that this prints.
/// </summary>
public sealed class GateCalibrationTests(ITestOutputHelper output)
{
    private const int Nights = 1000, Seed = 7;

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.2)]
    [InlineData(0.3)]
    public void Equal_models_are_seldom_called_worse_and_intervals_cover(double discordance)
    {
        var (regressed, covers, accuracyCovers) = Run(discordance, drop: 0);
        Assert.InRange(regressed, 0, 0.05);
        Assert.InRange(covers, 0.93, 0.97);
        Assert.InRange(accuracyCovers, 0.93, 0.97);
    }

    [Theory]
    [InlineData(0.1, 0.90)]
    [InlineData(0.2, 0.90)]
    [InlineData(0.3, 0.80)]
    public void A_drop_of_five_points_is_found(double discordance, double least)
    {
        var (regressed, covers, _) = Run(discordance, drop: 0.05);
        Assert.InRange(regressed, least, 1);
        Assert.InRange(covers, 0.93, 0.97);
    }

    /// <summary>Few videos make intervals wide, not wrong: neither a false alarm nor a false pass becomes frequent.</summary>
    [Theory]
    [InlineData(6)]
    [InlineData(12)]
    [InlineData(24)]
    [InlineData(60)]
    public void With_few_videos_the_gate_is_unsure_and_not_wrong(int videos)
    {
        const double margin = 0.02;
        var (equal, worse) = (new GateSimulation(Seed, videos, discordance: 0.3), new GateSimulation(Seed, videos, discordance: 0.3, drop: margin));
        var alarms = Enumerable.Range(0, Nights).Count(_ => Gate.Of(PairedDifference.Of(equal.Night().Differences), margin) == Gate.Regressed);
        var passes = Enumerable.Range(0, Nights).Count(_ => Gate.Of(PairedDifference.Of(worse.Night().Differences), margin) == Gate.Pass);
        output.WriteLine($"{videos} videos: {alarms} of {Nights} equal pairs regressed, {passes} of {Nights} worse by the margin passed");
        Assert.InRange(alarms, 0, 0.05 * Nights);
        Assert.InRange(passes, 0, 0.05 * Nights);
    }

    [Fact]
    public void A_hundred_unchanged_nights_over_ten_suites_give_at_most_five_false_alarms()
    {
        GateSimulation[] suites = [.. Enumerable.Range(0, 10).Select(i => new GateSimulation(100 * Seed + i, discordance: 0.1 + 0.02 * i))];
        var gates = Enumerable.Range(0, 100)
            .Select(_ => Gate.Decide([.. suites.Select((suite, i) => new SuiteDifference($"suite{i}", PairedDifference.Of(suite.Night().Differences)))], 0.02).Gate)
            .ToList();
        output.WriteLine($"100 unchanged nights over ten suites: {gates.Count(g => g == Gate.Regressed)} regressed, {gates.Count(g => g == Gate.Pass)} pass");
        Assert.InRange(gates.Count(gate => gate == Gate.Regressed), 0, 5);
    }

    [Fact]
    public void Without_Holm_the_same_nights_would_give_false_alarms_by_the_dozen()
    {
        GateSimulation[] suites = [.. Enumerable.Range(0, 10).Select(i => new GateSimulation(100 * Seed + i, discordance: 0.1 + 0.02 * i))];
        var alarms = Enumerable.Range(0, 100).Count(_ => suites.Count(suite => PairedDifference.Of(suite.Night().Differences).High < 0) > 0);
        Assert.InRange(alarms, 12, 40);
    }

    /// <summary>These bounds can fail: an interval that takes questions for independent does not keep them, on accuracies as on differences.</summary>
    [Fact]
    public void An_interval_that_ignores_videos_is_caught()
    {
        var truth = new GateSimulation(Seed).TrueAccuracy();
        var simulation = new GateSimulation(Seed);
        Assert.InRange(Covered(() => simulation.Night().Base, Naive, truth), 0, 0.929);

        // Ten questions a video, changes that suit some videos and not others.
        GateSimulation Leaning() => new(Seed, videos: 100, questions: 10, discordance: 0.3, lean: 0.7);
        var (naive, clustered) = (Leaning(), Leaning());
        Assert.InRange(Covered(() => naive.Night().Differences, Naive, 0), 0, 0.92);
        Assert.InRange(Covered(() => clustered.Night().Differences, PairedInterval, 0), 0.93, 0.97);
    }

    /// <summary>Too narrow by a fifth, too wide by a third: both are seen.</summary>
    [Theory]
    [InlineData(0.8)]
    [InlineData(1.33)]
    public void A_wrong_width_is_caught(double factor)
    {
        var simulation = new GateSimulation(Seed);
        var covered = Covered(() => simulation.Night().Differences, differences =>
        {
            var d = PairedDifference.Of(differences);
            return new Interval(d.Mean, d.Mean - factor * (d.Mean - d.Low), d.Mean + factor * (d.High - d.Mean));
        }, 0);
        Assert.True(covered is < 0.93 or > 0.97, $"covers {covered}");
    }

    private (double Regressed, double Covers, double AccuracyCovers) Run(double discordance, double drop)
    {
        var truth = new GateSimulation(Seed, discordance: discordance, drop: drop).TrueAccuracy();
        var simulation = new GateSimulation(Seed, discordance: discordance, drop: drop);
        int regressed = 0, passed = 0, covers = 0, accuracyCovers = 0;
        for (var night = 0; night < Nights; night++)
        {
            var (right, differences) = simulation.Night();
            var (difference, accuracy) = (PairedDifference.Of(differences), Accuracy.Of(right));
            var gate = Gate.Of(difference, 0.02);
            regressed += gate == Gate.Regressed ? 1 : 0;
            passed += gate == Gate.Pass ? 1 : 0;
            covers += difference.Low <= -drop && -drop <= difference.High ? 1 : 0;
            accuracyCovers += accuracy.Low <= truth && truth <= accuracy.High ? 1 : 0;
        }
        output.WriteLine(FormattableString.Invariant(
            $"drop {100 * drop:F0} points, discordance {discordance:F1}: regressed {100.0 * regressed / Nights:F1} %, pass {100.0 * passed / Nights:F1} %, difference covered {100.0 * covers / Nights:F1} %, accuracy covered {100.0 * accuracyCovers / Nights:F1} %"));
        return (regressed / (double)Nights, covers / (double)Nights, accuracyCovers / (double)Nights);
    }

    private static double Covered(Func<Observation[]> night, Func<Observation[], Interval> interval, double truth) =>
        Enumerable.Range(0, Nights).Select(_ => interval(night())).Count(i => i.Low <= truth && truth <= i.High) / (double)Nights;

    private static Interval PairedInterval(Observation[] differences)
    {
        var difference = PairedDifference.Of(differences);
        return new Interval(difference.Mean, difference.Low, difference.High);
    }

    /// <summary>mean ± 1.96 √(variance / n), as if every question were a video of its own.</summary>
    private static Interval Naive(Observation[] observations)
    {
        var mean = observations.Average(o => o.Value);
        var half = 1.96 * Math.Sqrt(observations.Average(o => Math.Pow(o.Value - mean, 2)) / observations.Length);
        return new Interval(mean, mean - half, mean + half);
    }
}
