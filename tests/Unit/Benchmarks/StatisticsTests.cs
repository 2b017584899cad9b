using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Tests.Unit.Benchmarks;

public sealed class StatisticsTests
{
    [Fact]
    public void The_mean_weighs_questions_and_the_interval_videos()
    {
        // 40 videos of 5 questions, all right or all wrong: 200 questions say no more than 40 videos.
        var observations = Enumerable.Range(0, 200).Select(i => new Observation($"v{i / 5}", i / 5 % 2)).ToList();
        var clustered = 1.96 * Math.Sqrt(0.25 / 40);
        foreach (var interval in new[] { Accuracy.Of(observations), ClusterBootstrap.Mean(observations, seed: 7, 0, 1) })
        {
            Assert.Equal(0.5, interval.Mean);
            Assert.Equal(0.5 - clustered, interval.Low, 0.02);
            Assert.Equal(0.5 + clustered, interval.High, 0.02);
        }
    }

    [Fact]
    public void One_question_a_video_is_Wilsons_interval()
    {
        // 60 of 100: Wilson's 95 % interval is 0.502 to 0.691 with z = 1.96; t of 99 degrees is 1.984, a little wider.
        var interval = Accuracy.Of([.. Enumerable.Range(0, 100).Select(i => new Observation($"v{i}", i < 60 ? 1 : 0))]);
        Assert.Equal(0.502, interval.Low, 0.002);
        Assert.Equal(0.691, interval.High, 0.002);
    }

    [Fact]
    public void A_model_that_is_always_right_is_not_sure_to_be()
    {
        var interval = Accuracy.Of([.. Enumerable.Range(0, 60).Select(i => new Observation($"v{i / 3}", 1))]);
        Assert.Equal((1, 1), (interval.Mean, interval.High));
        // 20 videos without a failure: about 3.7 / 20 of them could still fail.
        Assert.InRange(interval.Low, 0.80, 0.86);
    }

    [Fact]
    public void The_order_of_answers_changes_nothing()
    {
        var observations = Enumerable.Range(0, 100).Select(i => new Observation($"v{i % 17}", i % 3 == 0 ? 1 : i % 7 == 0 ? -1 : 0)).ToList();
        var first = (PairedDifference.Of(observations), ClusterBootstrap.Mean(observations, 7, -1, 1));
        observations.Reverse();
        Assert.Equal(first, (PairedDifference.Of(observations), ClusterBootstrap.Mean(observations, 7, -1, 1)));
    }

    [Fact]
    public void One_video_alone_says_nothing_of_others()
    {
        Assert.Equal(new Interval(1, 0, 1), Accuracy.Of([new("v", 1), new("v", 1)]));
        var difference = PairedDifference.Of([new("v", -1), new("v", -1)]);
        Assert.Equal((-1, -1, 1), (difference.Mean, difference.Low, difference.High));
        Assert.Equal(Gate.Inconclusive, Gate.Of(difference, 0.02));
    }

    [Fact]
    public void Models_that_agree_everywhere_are_alike_only_as_far_as_the_videos_reach()
    {
        Observation[] Agreeing(int videos) => [.. Enumerable.Range(0, 3 * videos).Select(i => new Observation($"v{i / 3}", 0))];
        var ten = PairedDifference.Of(Agreeing(10));
        Assert.Equal((0, 1, 0), (ten.Mean, ten.P, ten.Discordance));
        // 0.975 = 1 - (1 - b)^10: were 31 % of all videos different, ten alike would be a rare sight.
        Assert.Equal(0.3085, ten.High, 0.0001);
        Assert.Equal(-ten.High, ten.Low, 12);
        Assert.Equal(Gate.Inconclusive, Gate.Of(ten, 0.02));
        Assert.Equal(Gate.Pass, Gate.Of(PairedDifference.Of(Agreeing(333)), 0.02));
    }

    [Fact]
    public void Analytic_and_resampled_intervals_agree()
    {
        var (_, differences) = new GateSimulation(3, discordance: 0.3, drop: 0.05).Night();
        var (analytic, resampled) = (PairedDifference.Of(differences), ClusterBootstrap.Mean(differences, 7, -1, 1));
        Assert.Equal(resampled.Low, analytic.Low, 0.002);
        Assert.Equal(resampled.High, analytic.High, 0.002);
    }

    [Fact]
    public void The_permutation_test_swaps_whole_videos()
    {
        // Five videos, each better by 3 questions: 2 of 32 sign vectors are as extreme. By question it would be 2 of 2^15.
        var differences = Enumerable.Range(0, 15).Select(i => new Observation($"v{i / 3}", 1)).ToList();
        Assert.Equal(2 / 32.0, Permutation.P(differences), 12);
    }

    [Fact]
    public void Every_swap_is_counted_however_many_videos_there_are()
    {
        // 17 videos, all but one better by 1: exact two-sided p = 2 · (1 + 17) / 2^17.
        Assert.Equal(2.0 * 18 / (1 << 17), Permutation.P(Votes(16, 1)), 12);
        // 20 videos, 13 better and 7 worse: the binomial sign test.
        Assert.Equal(0.26318, Permutation.P(Votes(13, 7)), 5);
        // 3 and -1 in two videos: sums ±2 and ±4, all of the four as extreme as 2.
        Assert.Equal(1, Permutation.P([new("a", 1), new("a", 1), new("a", 1), new("b", -1)]), 12);
        Assert.InRange(Permutation.P(Votes(600, 500)), 0.0024, 0.0030);
    }

    /// <summary>Few questions that differ among many: an interval that leaves zero out says so just when the exact test does.</summary>
    [Theory]
    [InlineData(0, 4)]
    [InlineData(0, 5)]
    [InlineData(0, 6)]
    [InlineData(1, 7)]
    [InlineData(1, 8)]
    [InlineData(2, 9)]
    [InlineData(2, 10)]
    [InlineData(3, 12)]
    public void With_few_differences_interval_and_exact_test_say_the_same(int better, int worse)
    {
        var difference = PairedDifference.Of([.. Votes(better, worse), .. Enumerable.Range(0, 900).Select(i => new Observation($"same{i}", 0))]);
        Assert.Equal(difference.P <= 0.05, difference.High < 0);
        Assert.Equal((better, worse), (difference.Better, difference.Worse));
    }

    [Theory]
    [InlineData(0.975, 1, 12.7062)]
    [InlineData(0.975, 2, 4.30265273)]
    [InlineData(0.975, 10, 2.22814)]
    [InlineData(0.9, 5, 1.47588)]
    [InlineData(0.975, 332, 1.96714)]
    [InlineData(0.975, 1e6, 1.95997)]
    public void Students_t_is_the_tables(double share, double degrees, double t)
    {
        Assert.Equal(t, StudentT.Quantile(share, degrees), 4);
        Assert.Equal(1 - share, StudentT.Cdf(-t, degrees), 5);
    }

    [Fact]
    public void Holm_multiplies_the_smallest_most_and_never_lets_a_later_one_overtake()
    {
        // R: p.adjust(c(0.01, 0.04, 0.03, 0.005), "holm")
        Assert.Equal([0.03, 0.06, 0.06, 0.02], Holm.Adjust([0.01, 0.04, 0.03, 0.005]).Select(p => Math.Round(p, 12)));
        Assert.Equal([1.0, 1.0], Holm.Adjust([0.6, 0.9]));
    }

    [Fact]
    public void Length_and_evidence_fall_into_bins()
    {
        Assert.Equal(["below 1 min", "1 to 3 min", "10 to 30 min", "1 h and more"], new[] { 59.9, 60, 900, 30_000 }.Select(Bins.Length));
        Assert.Equal(["first fifth", "second fifth", "last fifth", "last fifth"], new[] { 0, 0.2, 0.99, 1 }.Select(Bins.Evidence));
    }

    /// <summary>Figures that NExT-GQA's own script prints for constant spans on its test file.</summary>
    [BenchmarkGoldenFact("benchmarks/NExT-GQA/gsub_test.json")]
    public void Constant_spans_score_what_the_official_script_prints()
    {
        var videos = NextGqaSpans.Load(BenchmarkGoldenFactAttribute.Read("benchmarks/NExT-GQA/gsub_test.json")).Videos.Values;
        var floors = GroundingFloors.Of([.. videos.SelectMany(video => video.Spans.Values.Select(spans => (video.Duration, spans)))]);
        Assert.Equal(["whole video 21.1 21.1 8.7", "mid-point 0.0 24.0 24.0"], floors.Select(f => FormattableString.Invariant(
            $"{f.Answer} {100 * f.MeanIoU:F1} {100 * f.MeanIoP:F1} {100 * f.Grounded:F1}")));
    }

    private static Observation[] Votes(int better, int worse) =>
        [.. Enumerable.Range(0, better + worse).Select(i => new Observation($"v{i}", i < better ? 1 : -1))];
}
