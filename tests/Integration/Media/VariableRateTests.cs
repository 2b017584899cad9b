using Tpo.Shared.Media;
using Tpo.Shared.Preferences;

namespace Tpo.Tests.Integration.Media;

/// <summary>Screen recordings and phones write videos whose rate varies: a segment must still show what was shown then.</summary>
public sealed class VariableRateTests : IDisposable
{
    private readonly TestVideos _videos = new();

    [Theory]
    [InlineData("varying.mp4")]
    [InlineData("varying.mkv")]
    public async Task A_segments_frames_are_those_that_are_shown_while_it_lasts(string name)
    {
        // Six seconds each: red at 30 frames a second, green at 2, blue at 30. By number alone, half of the frames that are shown first would be green's.
        string[] colours = ["red", "green", "blue"];
        var inputs = string.Join(' ', colours.Zip([30, 2, 30], (colour, rate) => $"-f lavfi -i \"testsrc2=size=160x120:rate={rate}:duration=6,hue=s=0,colorchannelmixer=.1:.1:.1:0:.1:.1:.1:0:.1:.1:.1:0,lutrgb={colour[0]}=val+150\""));
        var path = await _videos.MakeAsync(name, $"{inputs} -filter_complex concat=n=3 -fps_mode vfr -c:v libx264 -preset ultrafast -bf 2 -pix_fmt yuv420p");
        var asset = await new VideoProbe(_videos.Settings).ProbeAsync(path, name);
        Assert.Equal(30 * 6 + 2 * 6 + 30 * 6, asset.FrameCount);
        Assert.NotNull(asset.FrameRuns);
        Assert.Equal(18, asset.DurationSeconds, 0.3);

        var scan = await new ShotDetector(_videos.Settings).ScanAsync(path);
        var plan = CurationPlan.Make(asset, scan with { Looks = [] }, [], "model", "revision", _videos.Settings with { SegmentsPerVideo = 10 });
        Assert.Equal(3, plan.Segments.Count);
        foreach (var segment in plan.Segments)
        {
            var frames = await new FrameExtractor(_videos.Settings).ExtractAsync(path, plan.Frames[Views.Segment(segment.Index)], 16, 12);
            Assert.All(frames, frame => Assert.InRange(frame.TimeSeconds, segment.Span.Start - 0.3, segment.Span.End));
            Assert.All(frames, frame => Assert.Equal(colours[segment.Index], Brightest(frame)));
        }
    }

    private static string Brightest(RgbFrame frame) =>
        new[] { "red", "green", "blue" }[Enumerable.Range(0, 3).MaxBy(channel => frame.Rgb.Where((_, i) => i % 3 == channel).Sum(value => value))];

    public void Dispose() => _videos.Dispose();
}
