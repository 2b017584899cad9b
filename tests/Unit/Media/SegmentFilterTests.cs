using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Media;

public sealed class SegmentFilterTests
{
    private static readonly TimeSpanSeconds[] Three = [new(0, 3), new(3, 6), new(6, 9)];
    private static readonly FrameLook Good = new(Dark: 0.1, Detail: 0.2, Change: 2, Hash: 0);

    /// <summary>Two looks a second; every segment has looks of its own, and another picture unless its hash says otherwise.</summary>
    private static IReadOnlyList<DroppedSegment> Dropped(params FrameLook[] segments)
    {
        var (good, dropped) = SegmentFilter.Split(Three, [.. segments.SelectMany(look => Enumerable.Repeat(look, 6))], 2);
        Assert.Equal(3, good.Count + dropped.Count);
        return dropped;
    }

    [Fact]
    public void Segments_that_show_something_stay() =>
        Assert.Empty(Dropped(Good with { Hash = 0xF0 }, Good with { Hash = 0xFF00 }, Good with { Hash = 0xFFF00000 }));

    [Fact]
    public void Black_static_and_blurred_ones_are_dropped_each_with_its_reason() => Assert.Equal(
        [new(Three[0], "black"), new(Three[1], "static"), new(Three[2], "blurred")],
        Dropped(Good with { Dark = 0.99 }, Good with { Change = 0.05 }, Good with { Detail = 0.01 }));

    [Fact]
    public void What_was_there_before_is_dropped_and_the_first_one_stays() =>
        Assert.Equal([new(Three[2], "near-duplicate")], Dropped(Good with { Hash = 0xFF }, Good with { Hash = 0xFFFF00 }, Good with { Hash = 0xF7 }));

    [Fact]
    public void A_video_that_was_not_looked_at_keeps_all() => Assert.Equal(Three, SegmentFilter.Split(Three, [], 2).Good);

    [Fact]
    public void A_plain_picture_has_no_detail_and_a_checkerboard_much()
    {
        var plain = FrameLook.Of(Enumerable.Repeat((byte)200, 3 * 64 * 36).ToArray(), 64, 36, 0);
        var board = FrameLook.Of([.. Enumerable.Range(0, 64 * 36).SelectMany(i => Enumerable.Repeat((byte)((i % 64 + i / 64) % 2 * 255), 3))], 64, 36, 0);
        Assert.Equal((0, 0.0), (plain.Detail, plain.Dark));
        Assert.True(board.Detail > 10);
        Assert.Equal(0.5, board.Dark, 6);
    }

    [Fact]
    public void The_hash_does_not_mind_brightness_and_minds_what_is_where()
    {
        byte[] Picture(Func<int, int, double> luma) => [.. Enumerable.Range(0, 68 * 32).SelectMany(i => Enumerable.Repeat((byte)luma(i % 68, i / 68), 3))];
        FrameLook Look(Func<int, int, double> luma) => FrameLook.Of(Picture(luma), 68, 32, 0);
        static double Waves(int x, int y) => 90 + 40 * Math.Sin(x / 5.0 + y / 9.0);
        Assert.InRange(Look(Waves).Distance(Look((x, y) => 1.2 * Waves(x, y) + 10)), 0, SegmentFilter.SameBits);
        Assert.InRange(Look(Waves).Distance(Look((x, y) => Waves(y, 2 * x))), 3 * SegmentFilter.SameBits, 128);
    }
}
