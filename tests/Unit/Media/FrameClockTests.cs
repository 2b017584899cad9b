using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Media;

/// <summary>Where the rate varies, a frame's number does not tell its time.</summary>
public sealed class FrameClockTests
{
    /// <summary>Ten frames a second for a second, then two a second for five, then ten a second for one.</summary>
    private static readonly FrameClock Varying = FrameClock.Of([new(10, 0.1), new(10, 0.5), new(10, 0.1)]);

    [Fact]
    public void Frames_start_where_those_before_them_end()
    {
        Assert.Equal((30, 0.9, 1.0, 5.5, 6.0), (Varying.FrameCount, Varying.Seconds(9), Varying.Seconds(10), Varying.Seconds(19), Varying.Seconds(20)));
        Assert.Equal([0, 9, 10, 11, 19, 20, 30], new[] { -1, 0.9, 1.0, 1.01, 5.5, 5.9, 7 }.Select(Varying.FirstAtOrAfter));
    }

    [Fact]
    public void A_segments_frames_lie_in_it_by_their_times_and_the_rejected_views_do_not()
    {
        var span = new TimeSpanSeconds(1, 6);
        var inside = FramePlanner.Segment(span, Varying, 10);
        Assert.Equal(Enumerable.Range(10, 10), inside.Indices);
        Assert.Equal([1.0, 1.5, 2.0], inside.Times[..3]);
        Assert.All(FramePlanner.WithoutSegment(span, 0, Varying, 20).Indices, index => Assert.False(index is >= 10 and < 20));
    }

    [Fact]
    public void A_steady_rate_has_no_runs_though_its_ticks_are_rounded()
    {
        long[] milliseconds = [.. Enumerable.Range(0, 300).Select(i => (long)Math.Round(i * 1000 / 29.97))];
        Assert.Null(FrameClock.Runs(milliseconds, 10_010, 0.001, 29.97));
    }

    [Fact]
    public void A_varying_rate_has_its_runs()
    {
        long[] starts = [100, 200, 300, 800, 1300, 1400];
        Assert.Equal([new(2, 0.1), new(2, 0.5), new(2, 0.1)], FrameClock.Runs(starts, 1500, 0.001, 6 / 1.4)!.Select(run => run with { Seconds = Math.Round(run.Seconds, 6) }));
    }
}
