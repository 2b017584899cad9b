using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;

namespace Tpo.Tests.Unit.Preferences;

public sealed class CurationPlanTests
{
    private static readonly TpoSettings Settings = new() { FramesPerVideo = 16, FramesPerSegment = 4, SparseFrames = 4, SegmentsPerVideo = 8 };

    [Theory]
    [InlineData(5, 1.0)]
    [InlineData(20, 1.0)]
    [InlineData(60, 3.0)]
    public void The_guard_band_is_a_second_or_a_twentieth_of_the_segment(double length, double guard) =>
        Assert.Equal(guard, LocalizedPairs.GuardBandSeconds(new TimeSpanSeconds(10, 10 + length)), 9);

    [Fact]
    public void Chosen_sees_the_segment_alone_and_rejected_nothing_of_it_nor_of_its_guard_band()
    {
        var plan = CurationPlan.Make(Asset(40), new ShotScan([10, 20, 30], []), [], "m", "r", Settings);
        Assert.NotEmpty(plan.Segments);
        foreach (var segment in plan.Segments)
        {
            Assert.All(plan.Frames[Views.Segment(segment.Index)].Times, time => Assert.InRange(time, segment.Span.Start, segment.Span.End));
            Assert.All(plan.Frames[Views.WithoutSegment(segment.Index)].Times, time =>
                Assert.False(time >= segment.Span.Start - segment.GuardBandSeconds && time < segment.Span.End + segment.GuardBandSeconds));
        }
    }

    [Fact]
    public void The_sparse_view_keeps_some_of_the_whole_views_frames()
    {
        var plan = CurationPlan.Make(Asset(40), new ShotScan([10, 20, 30], []), [], "m", "r", Settings);
        Assert.Equal(4, plan.SparseFrames);
        Assert.Subset(plan.Frames[Views.Whole].Indices.ToHashSet(), plan.Frames[Views.Sparse].Indices.ToHashSet());
    }

    [Fact]
    public void A_segment_that_leaves_nothing_of_the_video_makes_no_localized_pair()
    {
        var frames = new Dictionary<string, FramePlan>();
        var segments = LocalizedPairs.AddViews(frames, Asset(10), [new TimeSpanSeconds(0.5, 9.5), new TimeSpanSeconds(0, 4)], Settings);
        Assert.Equal([new TimeSpanSeconds(0, 4)], segments.Select(segment => segment.Span));
        Assert.Equal([0], segments.Select(segment => segment.Index));
    }

    [Fact]
    public void Every_view_that_answers_has_its_frames()
    {
        var plan = CurationPlan.Make(Asset(40), new ShotScan([10, 20, 30], []), [], "m", "r", Settings);
        Assert.Equal(plan.Frames.Keys.Order(), plan.AnsweredViews.Order());
        Assert.Subset(plan.Frames.Keys.ToHashSet(), CurationPlan.CaptionedViews(plan.Segments.Count).ToHashSet());
    }

    [Fact]
    public void A_segment_carries_what_is_said_while_it_is_shown()
    {
        SubtitleCue[] said = [new(new TimeSpanSeconds(2, 4), "one"), new(new TimeSpanSeconds(9, 12), "two"), new(new TimeSpanSeconds(20, 21), "three")];
        var plan = CurationPlan.Make(Asset(40), new ShotScan([10, 20, 30], []), said, "m", "r", Settings);
        Assert.Equal([["one", "two"], ["two"], ["three"], []], plan.Segments.Select(segment => segment.Said.Select(cue => cue.Text)));
    }

    private static VideoAsset Asset(double seconds) => new()
    {
        VideoId = "v", BlobName = "v.mp4", Bytes = 1, Format = "mp4", Codec = "h264", Width = 64, Height = 64,
        FramesPerSecond = 10, FrameCount = (int)(10 * seconds), DurationSeconds = seconds,
    };
}
