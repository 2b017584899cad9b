using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Media;

/// <summary>Few frames of a long video are decoded from the key frames before them; many from the beginning.</summary>
public sealed class SeekPlanTests
{
    /// <summary>A key frame every hundred frames.</summary>
    private static FrameTable Table(int frames) =>
        new([.. Enumerable.Range(0, frames).Select(i => 40L * i)], [.. Enumerable.Range(0, frames).Select(i => i % 100 == 0)], (1, 1000));

    [Fact]
    public void Each_far_frame_is_decoded_from_the_key_frame_before_it()
    {
        var plan = SeekPlan.Of(Table(3000), [0, 1050, 2999])!;
        Assert.Equal([(0, 0), (1000, 1050), (2900, 2999)], plan.Select(stretch => (stretch.From, stretch.Wanted.Single())));
        Assert.Equal([1, 51, 100], plan.Select(stretch => stretch.Decoded));
    }

    [Fact]
    public void Frames_of_one_group_are_decoded_together()
    {
        var plan = SeekPlan.Of(Table(3000), [1010, 1060, 1095, 1105, 2000])!;
        Assert.Equal([1000, 2000], plan.Select(stretch => stretch.From));
        Assert.Equal([1010, 1060, 1095, 1105], plan[0].Wanted);
    }

    [Fact]
    public void Dense_frames_are_left_to_one_pass() =>
        Assert.Null(SeekPlan.Of(Table(3000), [.. Enumerable.Range(0, 150).Select(i => 20 * i)]));

    [Fact]
    public void Packets_become_frames_in_order_of_showing_without_those_that_an_edit_list_hides()
    {
        var table = FrameTable.Parse(
        [
            "#software: x", "#tb 0: 1/25", "0, -4, -2, 1, 900, 0x1, F=0x5", "0, -3, 0, 1, 900, 0x1", "0, -2, 2, 1, 100, 0x2, F=0x0", "0, -1, 1, 1, 90, 0x3, F=0x0",
        ])!;
        Assert.Equal([0, 1, 2], table.Ticks);
        Assert.Equal([true, false, false], table.IsKey);
        Assert.Equal(0.08, table.Seconds(2), 9);
    }

    [Theory]
    [InlineData("0, NOPTS, NOPTS, 1, 900, 0x1")]
    [InlineData("0, 1, -9223372036854775808, 1, 900, 0x1")]
    [InlineData("0, 1, 5, 1, 900, 0x1")]
    public void A_packet_without_a_time_of_its_own_leaves_the_file_to_one_pass(string line) =>
        Assert.Null(FrameTable.Parse(["#tb 0: 1/25", "0, 0, 5, 1, 900, 0x1", line]));
}
