using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Media;

public sealed class SegmentPlannerTests
{
    [Fact]
    public void Shots_of_a_good_length_are_the_segments() =>
        Assert.Equal([new(0, 5), new(5, 15), new(15, 24)], Plan([5, 15], 24, 7));

    [Fact]
    public void A_short_shot_joins_its_shorter_neighbour() =>
        Assert.Equal([new(0, 9), new(9, 15), new(15, 25)], Plan([9, 10, 15], 25, 7));

    [Fact]
    public void A_long_shot_is_cut_into_equal_parts() =>
        Assert.Equal([new(0, 25), new(25, 50), new(50, 75), new(75, 100)], Plan([], 100, 7));

    [Fact]
    public void Whatever_the_cuts_segments_last_3_to_30_seconds_do_not_overlap_and_leave_a_rest()
    {
        var random = new Random(1);
        for (var trial = 0; trial < 300; trial++)
        {
            var duration = 6 + random.NextDouble() * (trial % 3 == 0 ? 10 : 600);
            double[] cuts = [.. Enumerable.Range(0, random.Next(60)).Select(_ => random.NextDouble() * duration)];
            var segments = Plan(cuts, duration, trial);
            Assert.InRange(segments.Count, 1, 4);
            Assert.All(segments, s => Assert.InRange(s.Length, 3 - 1e-9, 30 + 1e-9));
            Assert.All(segments, s => Assert.True(duration - s.Length >= 3 - 1e-9, $"{s} of {duration} leaves no rest"));
            Assert.All(segments.Zip(segments.Skip(1)), pair => Assert.True(pair.First.End <= pair.Second.Start));
            Assert.Equal(segments, Plan(cuts, duration, trial));
        }
    }

    [Fact]
    public void Of_many_segments_the_chosen_are_spread_over_the_video()
    {
        var cuts = Enumerable.Range(1, 39).Select(i => i * 10.0).ToList();
        for (var seed = 0; seed < 20; seed++)
        {
            var chosen = Plan(cuts, 400, seed);
            Assert.Equal([0, 1, 2, 3], chosen.Select(segment => (int)(segment.Start / 100)));
        }
    }

    [Fact]
    public void A_video_too_short_for_a_segment_and_a_rest_has_none() => Assert.Empty(Plan([], 5.9, 7));

    private static IReadOnlyList<TimeSpanSeconds> Plan(IReadOnlyList<double> cuts, double duration, int seed) => SegmentPlanner.Choose(SegmentPlanner.All(cuts, duration), seed, most: 4);
}
