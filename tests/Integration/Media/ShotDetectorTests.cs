using Tpo.Shared.Media;

namespace Tpo.Tests.Integration.Media;

public sealed class ShotDetectorTests : IDisposable
{
    private readonly TestVideos _videos = new();

    [Fact]
    public async Task Joins_of_scenes_are_the_shot_boundaries()
    {
        var path = await _videos.ScenesAsync("scenes.mp4", ("red", 4), ("blue", 5), ("gray", 3), ("white", 6));
        var boundaries = (await new ShotDetector(_videos.Settings).ScanAsync(path)).Cuts;
        Assert.Equal(3, boundaries.Count);
        Assert.All(boundaries.Zip([4.0, 9.0, 12.0]), pair => Assert.Equal(pair.Second, pair.First, 0.25));
    }

    [Fact]
    public async Task A_moving_picture_without_a_cut_has_no_boundary() =>
        Assert.Empty((await new ShotDetector(_videos.Settings).ScanAsync(await _videos.MovingAsync("moving.mp4", 9))).Cuts);

    [RealClipsTheory]
    [InlineData("one-by-one-person-detection.mp4", 0)]
    [InlineData("bottle-detection.mp4", 0)]
    [InlineData("cityCC0.mpg", 1)]
    public async Task Real_clips_have_their_known_cuts(string clip, int cuts) =>
        Assert.Equal(cuts, (await new ShotDetector(_videos.Settings).ScanAsync(Path.Combine(Repository.Shared, "videos", clip))).Cuts.Count);

    [Fact]
    public async Task Black_frozen_blurred_and_repeated_stretches_make_no_segment()
    {
        // Five seconds each: noise that moves, the same again, black, a still picture, a blurred one that moves, another picture that moves.
        const string noise = "nullsrc=size=160x120:rate=25:duration=5,geq=lum='128+60*sin((X+3*N)/2)*cos((Y+N)/3)+50*sin((X+N)/20)*cos(Y/15)':cb=128:cr=128";
        const string chain = "testsrc2=size=160x120:rate=25:duration=5";
        var path = await _videos.MakeAsync("stretches.mp4",
            $"-f lavfi -i \"{noise}\" -f lavfi -i \"{noise}\" -f lavfi -i color=c=black:size=160x120:rate=25:duration=5 "
            + $"-f lavfi -i \"{chain},loop=loop=-1:size=1:start=0,trim=duration=5\" -f lavfi -i \"{chain},gblur=sigma=25\" -f lavfi -i \"mandelbrot=size=160x120:rate=25,trim=duration=5\" "
            + "-filter_complex \"[0:v]format=yuv420p[a];[1:v]format=yuv420p[b];[2:v]format=yuv420p[c];[3:v]format=yuv420p[d];[4:v]format=yuv420p[e];[5:v]format=yuv420p[f];[a][c][b][d][e][f]concat=n=6\" -c:v libx264 -preset ultrafast -pix_fmt yuv420p");
        var scan = await new ShotDetector(_videos.Settings).ScanAsync(path);
        Assert.Equal([5, 10, 15, 20, 25], scan.Cuts);

        var (good, dropped) = SegmentFilter.Split(SegmentPlanner.All(scan.Cuts, 30), scan.Looks, ShotDetector.FramesPerSecond);
        Assert.Equal([new(0, 5), new(25, 30)], good);
        Assert.Equal([new(new(5, 10), "black"), new(new(10, 15), "near-duplicate"), new(new(15, 20), "static"), new(new(20, 25), "blurred")], dropped);
    }

    [RealClipsTheory]
    [InlineData("one-by-one-person-detection.mp4")]
    [InlineData("bottle-detection.mp4")]
    [InlineData("big_buck_bunny_0_30.webm")]
    public async Task Of_real_clips_every_segment_stays(string clip)
    {
        var scan = await new ShotDetector(_videos.Settings).ScanAsync(Path.Combine(Repository.Shared, "videos", clip));
        var all = SegmentPlanner.All(scan.Cuts, scan.Looks.Count / ShotDetector.FramesPerSecond);
        Assert.Empty(SegmentFilter.Split(all, scan.Looks, ShotDetector.FramesPerSecond).Dropped);
    }

    public void Dispose() => _videos.Dispose();
}
