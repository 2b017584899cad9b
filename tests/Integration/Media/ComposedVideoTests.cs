using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Xunit.Abstractions;

namespace Tpo.Tests.Integration.Media;

/// <summary>Joins, frames and subtitles of composed videos, whose truth is known: short here, 10 and 60 minutes in the slow lane.</summary>
public sealed class ComposedVideoTests(ITestOutputHelper output) : IDisposable
{
    /// <summary>Seconds by which a cut may be off: one sampled frame.</summary>
    private const double Near = 1 / ShotDetector.FramesPerSecond + 0.05;
    private readonly TestVideos _videos = new();

    [RealClipsTheory]
    [InlineData(1)]
    public Task A_composed_minute_has_its_joins_frames_and_subtitles(int minutes) => AssertRealAsync(minutes);

    [RealClipsTheory, Trait("Lane", "slow")]
    [InlineData(10)]
    [InlineData(60)]
    public Task A_long_composed_video_has_its_joins_frames_and_subtitles(int minutes) => AssertRealAsync(minutes);

    [Fact]
    public Task A_drawn_minute_has_its_cuts_and_no_others() => AssertDrawnAsync(1);

    [Fact, Trait("Lane", "slow")]
    public Task Ten_drawn_minutes_have_their_cuts_and_no_others() => AssertDrawnAsync(10);

    private async Task AssertRealAsync(int minutes)
    {
        var video = await ComposedVideo.OfRealClipsAsync(_videos, "composed", 60 * minutes, seed: minutes);
        var asset = await new VideoProbe(_videos.Settings).ProbeAsync(video.Path, "composed.mp4");
        Assert.Equal(video.Seconds, asset.DurationSeconds, 0.1);
        await AssertFramesAsync(video, asset);

        var scan = await new ShotDetector(_videos.Settings).ScanAsync(video.Path);
        var (found, _) = Compare(video.Joins, scan.Cuts);
        Assert.True(found >= 0.95 * video.Joins.Count, $"{found} of {video.Joins.Count} joins found");

        var said = await SubtitleReader.ReadAsync(video.Subtitles);
        Assert.Equal(said, await new EmbeddedSubtitles(_videos.Settings).ReadAsync(video.Path));
        AssertSaid(video, CurationPlan.Make(asset, scan, said, "model", "revision", _videos.Settings with { SegmentsPerVideo = 1000 }));
    }

    private async Task AssertDrawnAsync(int minutes)
    {
        var video = await ComposedVideo.OfDrawnScenesAsync(_videos, "drawn", 60 * minutes, seed: 100 + minutes);
        var cuts = (await new ShotDetector(_videos.Settings).ScanAsync(video.Path)).Cuts;
        var (found, right) = Compare(video.Joins, cuts);
        double recall = (double)found / video.Joins.Count, precision = (double)right / cuts.Count;
        var f1 = 2 * recall * precision / (recall + precision);
        output.WriteLine($"recall {recall:P1}, precision {precision:P1}, F1 {f1:P1}");
        Assert.True(f1 >= 0.95, $"recall {recall:P1}, precision {precision:P1}, F1 {f1:P1}; missed {string.Join(", ", video.Joins.Where(join => !cuts.Any(cut => Math.Abs(cut - join) <= Near)))}; "
            + $"wrong {string.Join(", ", cuts.Where(cut => !video.Joins.Any(join => Math.Abs(cut - join) <= Near)).Select(cut => $"{cut} ({At(video, cut)})"))}");
    }

    /// <summary>Which kind of piece shows at the time, and since when.</summary>
    private static string At(ComposedVideo video, double time)
    {
        var piece = video.Starts.Count(start => start <= time) - 1;
        return $"kind {video.Kinds[piece]}, {time - video.Starts[piece]:F2} s after its beginning";
    }

    /// <returns>how many joins have a cut near them, how many cuts a join</returns>
    private (int Found, int Right) Compare(IReadOnlyList<double> joins, IReadOnlyList<double> cuts)
    {
        var found = joins.Count(join => cuts.Any(cut => Math.Abs(cut - join) <= Near));
        var right = cuts.Count(cut => joins.Any(join => Math.Abs(cut - join) <= Near));
        output.WriteLine($"{joins.Count} joins, {cuts.Count} cuts: {found} joins found, {right} cuts at joins");
        return (found, right);
    }

    private async Task AssertFramesAsync(ComposedVideo video, VideoAsset asset)
    {
        var plan = FramePlanner.Uniform(asset.FrameCount, asset.FramesPerSecond, 64);
        var frames = await new FrameExtractor(_videos.Settings).ExtractAsync(video.Path, plan, 96, 54);
        var selected = (await TestVideos.RunAsync("ffmpeg",
            $"-v error -i \"{video.Path}\" -map 0:v:0 -vf \"select='{string.Join('+', plan.Indices.Distinct().Select(index => $"eq(n,{index})"))}',scale=96:54:flags=bicubic\" "
            + "-fps_mode passthrough -pix_fmt rgb24 -f rawvideo pipe:1")).Chunk(3 * 96 * 54).ToArray();
        Assert.Equal(selected, frames.Select(frame => frame.Rgb));
        Assert.True(selected.Select(Convert.ToHexString).Distinct().Count() > 60);
    }

    /// <summary>A segment carries what is said in the pieces that it shows, and nothing of others.</summary>
    private static void AssertSaid(ComposedVideo video, CurationPlan plan)
    {
        Assert.True(plan.Segments.Count > 5);
        Assert.All(plan.Segments, segment =>
        {
            double[] ends = [.. video.Joins, video.Seconds];
            string[] shown = [.. video.Starts.Select((start, i) => (start, i)).Where(piece => Overlap(piece.start, ends[piece.i], segment.Span) > 0.8).Select(piece => ComposedVideo.Cue(piece.i))];
            string[] touched = [.. video.Starts.Select((start, i) => (start, i)).Where(piece => Overlap(piece.start, ends[piece.i], segment.Span) > 0).Select(piece => ComposedVideo.Cue(piece.i))];
            string[] said = [.. segment.Said.Select(cue => cue.Text)];
            Assert.Empty(shown.Except(said));
            Assert.Empty(said.Except(touched));
        });
    }

    private static double Overlap(double start, double end, TimeSpanSeconds span) => Math.Min(end, span.End) - Math.Max(start, span.Start);

    public void Dispose() => _videos.Dispose();
}
