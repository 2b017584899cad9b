using Tpo.Shared.Media;

namespace Tpo.Tests.Unit.Media;

public sealed class ShotScoreTests
{
    [Fact]
    public void A_peak_over_a_calm_neighbourhood_is_a_cut() =>
        Assert.Equal([4], ShotDetector.Cuts([0, 2, 3, 2, 60, 3, 2, 3, 2]));

    [Fact]
    public void Steady_motion_is_no_cut_however_strong() => Assert.Empty(ShotDetector.Cuts([0, 40, 42, 45, 41, 43, 44, 40, 42]));

    [Fact]
    public void A_flicker_below_the_least_score_is_no_cut() => Assert.Empty(ShotDetector.Cuts([0, 0, 0, 0, 14, 0, 0, 0, 0]));

    [Theory]
    [InlineData(255, 0, 0, 0, 255, 255)]
    [InlineData(0, 255, 0, 85, 255, 255)]
    [InlineData(0, 0, 255, 171, 255, 255)]
    [InlineData(128, 128, 128, 0, 0, 128)]
    [InlineData(0, 0, 0, 0, 0, 0)]
    public void Colours_become_hue_saturation_and_value(byte r, byte g, byte b, byte hue, byte saturation, byte value) =>
        Assert.Equal([hue, saturation, value], ShotDetector.HueSaturationValue([r, g, b]));

    [Fact]
    public void Hue_goes_round_in_a_circle() => Assert.Equal(2 / 3.0, ShotDetector.Difference([255, 9, 9], [1, 9, 9]), 9);
}
