using Tpo.Shared.Benchmarks;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class StatisticsTests
{
    [Fact]
    public void The_mean_weighs_questions_and_the_interval_videos()
    {
        // 40 videos of 5 questions, all right or all wrong: 200 questions say no more than 40 videos.
        var observations = Enumerable.Range(0, 200).Select(i => new Observation($"v{i / 5}", i / 5 % 2)).ToList();
        var interval = Statistics.Mean(observations, seed: 7, 0, 1);
        Assert.Equal(0.5, interval.Mean);
        var clustered = 1.96 * Math.Sqrt(0.25 / 40);
        Assert.Equal(0.5 - clustered, interval.Low, 0.02);
        Assert.Equal(0.5 + clustered, interval.High, 0.02);
    }

    [Fact]
    public void The_order_of_answers_changes_nothing_and_the_seed_repeats()
    {
        var observations = Enumerable.Range(0, 100).Select(i => new Observation($"v{i % 17}", i % 3 == 0 ? 1 : 0)).ToList();
        var first = Statistics.PairedDifference(observations, 7);
        observations.Reverse();
        Assert.Equal(first, Statistics.PairedDifference(observations, 7));
    }

    [Fact]
    public void One_video_alone_says_nothing_of_others() =>
        Assert.Equal(new Interval(1, 0, 1), Statistics.Mean([new("v", 1), new("v", 1)], 7, 0, 1));

    [Fact]
    public void Models_that_agree_everywhere_differ_by_nothing()
    {
        var difference = Statistics.PairedDifference([.. Enumerable.Range(0, 30).Select(i => new Observation($"v{i / 3}", 0))], 7);
        Assert.Equal(new Difference(0, 0, 0, 1), difference);
        Assert.Equal("pass", Statistics.Gate(difference, 0.02));
    }

    [Fact]
    public void The_permutation_test_swaps_whole_videos()
    {
        // Five videos, each better by 3 questions: 2 of 32 sign vectors are as extreme. By question it would be 2 of 2^15.
        var differences = Enumerable.Range(0, 15).Select(i => new Observation($"v{i / 3}", 1)).ToList();
        Assert.Equal(2 / 32.0, Statistics.PermutationP(differences, 7), 12);
    }

    [Fact]
    public void Drawn_permutations_agree_with_all_of_them()
    {
        // 17 videos, one too many to enumerate, all but one better by 1: exact two-sided p = 2 · (1 + 17) / 2^17.
        var differences = Enumerable.Range(0, 17).Select(i => new Observation($"v{i}", i == 0 ? -1 : 1)).ToList();
        Assert.Equal(2.0 * 18 / (1 << 17), Statistics.PermutationP(differences, 7), 0.0006);
        // 20 videos, 13 better and 7 worse: two-sided binomial sign test.
        var mixed = Enumerable.Range(0, 20).Select(i => new Observation($"v{i}", i < 13 ? 1 : -1)).ToList();
        Assert.Equal(0.2632, Statistics.PermutationP(mixed, 7), 0.015);
    }

    [Theory]
    [InlineData(-0.10, -0.01, "regressed")]
    [InlineData(-0.01, 0.05, "pass")]
    [InlineData(-0.019, -0.001, "regressed")]
    [InlineData(-0.02, 0.05, "inconclusive")]
    [InlineData(-0.10, 0.00, "inconclusive")]
    public void The_gate_reads_the_interval(double low, double high, string gate) =>
        Assert.Equal(gate, Statistics.Gate(new Difference((low + high) / 2, low, high, 0.5), 0.02));

    /// <summary>Equal models with a random effect a video: 95 % intervals must hold the truth about 95 times of 100.</summary>
    [Fact]
    public void Intervals_cover_at_their_level()
    {
        var random = new Random(11);
        const int trials = 200;
        var covered = 0;
        for (var trial = 0; trial < trials; trial++)
        {
            var differences = new List<Observation>();
            for (var video = 0; video < 60; video++)
            {
                var effect = 0.15 * (random.NextDouble() - 0.5);
                for (var question = 0; question < 3; question++)
                {
                    var draw = random.NextDouble();
                    differences.Add(new Observation($"v{video}", draw < 0.1 + effect ? 1 : draw > 0.9 + effect ? -1 : 0));
                }
            }
            var interval = Statistics.Mean(differences, trial, -1, 1);
            if (interval.Low <= 0 && interval.High >= 0)
                covered++;
        }
        Assert.InRange(covered / (double)trials, 0.90, 0.99);
    }
}
