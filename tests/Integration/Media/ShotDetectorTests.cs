using Tpo.Shared.Media;

namespace Tpo.Tests.Integration.Media;

public sealed class ShotDetectorTests : IDisposable
{
    private readonly TestVideos _videos = new();

    [Fact]
    public async Task Joins_of_scenes_are_the_shot_boundaries()
    {
        var path = await _videos.ScenesAsync("scenes.mp4", ("red", 4), ("blue", 5), ("gray", 3), ("white", 6));
        var boundaries = await new ShotDetector(_videos.Settings).DetectAsync(path);
        Assert.Equal(3, boundaries.Count);
        Assert.All(boundaries.Zip([4.0, 9.0, 12.0]), pair => Assert.Equal(pair.Second, pair.First, 0.25));
    }

    [Fact]
    public async Task A_moving_picture_without_a_cut_has_no_boundary() =>
        Assert.Empty(await new ShotDetector(_videos.Settings).DetectAsync(await _videos.MovingAsync("moving.mp4", 9)));

    [RealClipsTheory]
    [InlineData("one-by-one-person-detection.mp4", 0)]
    [InlineData("bottle-detection.mp4", 0)]
    [InlineData("cityCC0.mpg", 1)]
    public async Task Real_clips_have_their_known_cuts(string clip, int cuts) =>
        Assert.Equal(cuts, (await new ShotDetector(_videos.Settings).DetectAsync(Path.Combine(Repository.Shared, "videos", clip))).Count);

    public void Dispose() => _videos.Dispose();
}
