using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences.Local;

namespace Tpo.Tests.Unit.Synthetic;

public sealed class WorldTests
{
    [Fact]
    public void The_same_seed_draws_the_same_bytes()
    {
        var one = World.Video("curation", 5, 3, WorldShape.Videos);
        var two = World.Video("curation", 5, 3, WorldShape.Videos);
        foreach (var scene in one.Scenes)
            Assert.Equal(new Renderer(64).Frame(one, scene.MiddleFrame), new Renderer(64).Frame(two, scene.MiddleFrame));
    }

    [Fact]
    public void Another_seed_index_or_split_is_another_video()
    {
        var names = new[] { World.Video("curation", 5, 3, WorldShape.Videos), World.Video("curation", 6, 3, WorldShape.Videos),
            World.Video("curation", 5, 4, WorldShape.Videos), World.Video("test", 5, 3, WorldShape.Videos), World.Video("train", 5, 3, WorldShape.Videos) }
            .Select(video => video.Name).ToHashSet();
        Assert.Equal(5, names.Count);
    }

    [Fact]
    public void Splits_share_no_seed()
    {
        var seeds = World.Splits.Select(split => Enumerable.Range(0, 3000).Select(i => World.VideoSeed(split, (ulong)(i % 7), i)).ToHashSet()).ToArray();
        Assert.All(seeds, some => Assert.Equal(3000, some.Count));
        Assert.Equal(World.Splits.Count * 3000, seeds.SelectMany(some => some).Distinct().Count());
    }

    public static TheoryData<string> Lengths => [nameof(WorldShape.Short), nameof(WorldShape.Videos), nameof(WorldShape.Long), nameof(WorldShape.Feature)];

    [Theory, MemberData(nameof(Lengths))]
    public void Every_event_lasts_longer_than_the_step_between_frames_and_is_seen(string name)
    {
        var shape = (WorldShape)typeof(WorldShape).GetProperty(name)!.GetValue(null)!;
        for (var index = 0; index < 100; index++)
        {
            var video = World.Video("curation", 9, index, shape);
            Assert.InRange(video.Scenes.Count, shape.MinScenes, shape.MaxScenes);
            Assert.All(video.Scenes, scene => Assert.True(scene.Frames * shape.Frames >= 1.5 * video.FrameCount));
            var seen = FramePlanner.Uniform(video.FrameCount, SyntheticVideo.FramesPerSecond, shape.Frames).Indices.Select(video.SceneAt).Distinct();
            Assert.Equal(video.Scenes.Count, seen.Count());
        }
    }

    [Fact]
    public void Things_come_again_now_and_then_but_never_right_after_themselves()
    {
        var videos = Enumerable.Range(0, 100).Select(index => World.Video("test", 9, index, WorldShape.Long)).ToArray();
        Assert.All(videos, video => Assert.All(video.Scenes.Zip(video.Scenes.Skip(1)), pair => Assert.NotEqual(pair.First.Fact.Thing, pair.Second.Fact.Thing)));
        var again = videos.Sum(video => video.Scenes.Count - video.Scenes.Select(scene => scene.Fact.Thing).Distinct().Count());
        Assert.InRange(again / (double)videos.Sum(video => video.Scenes.Count), 0.03, 0.12);
    }

    [Fact]
    public void Feature_videos_last_tens_of_minutes_and_short_ones_less_than_one()
    {
        Assert.All(Enumerable.Range(0, 20), index => Assert.InRange(World.Video("test", 1, index, WorldShape.Feature).DurationSeconds, 900, 3600));
        Assert.All(Enumerable.Range(0, 20), index => Assert.InRange(World.Video("test", 1, index, WorldShape.Short).DurationSeconds, 8, 40));
    }

    [Fact]
    public void The_clock_the_dots_and_the_word_stand_in_their_cells()
    {
        var scene = World.Video("test", 2, 0, WorldShape.Frame).Scenes[0] with { Word = "fox", Dots = 3 };
        Assert.Equal("FOX ...   0123  ", Glyphs.Cells(scene, 83));
        Assert.True(Glyphs.Signs.Count == Glyphs.Signs.Distinct().Count());
        foreach (var sign in SceneLanguage.Words.SelectMany(word => word.ToUpperInvariant()).Distinct())
            Assert.Contains(sign, Glyphs.Signs);
    }

    [Fact]
    public void Every_sign_is_drawn_differently()
    {
        var drawn = Glyphs.Signs.Skip(1).Select(sign => string.Concat(
            from y in Enumerable.Range(0, 8) from x in Enumerable.Range(0, 8) select Glyphs.IsLit(new string(sign, 16), bottom: false, x + 0.5, y + 0.5) ? '#' : '.'));
        Assert.Equal(Glyphs.Signs.Count - 1, drawn.Distinct().Count());
    }

    [Fact]
    public void A_scene_that_fades_in_is_never_out_of_sight()
    {
        var scene = World.Video("test", 2, 0, WorldShape.Frame).Scenes[0] with { FadeFrames = 3 };
        Assert.Equal([0.4, 0.6, 0.8, 1, 1], Enumerable.Range(0, 5).Select(frame => Math.Round(scene.BrightnessAt(frame), 6)));
    }

    [Fact]
    public void Captions_of_the_world_are_of_the_language()
    {
        foreach (var scene in World.Video("train", 1, 1, WorldShape.Videos).Scenes)
            Assert.Equal(scene.Fact, SceneLanguage.Parse(scene.Fact.Caption));
    }

    [Fact]
    public void The_shape_stands_where_the_fact_says_and_in_its_colour()
    {
        for (var index = 0; index < 200; index++)
        {
            var video = World.Video("test", 2, index, WorldShape.Frame);
            var scene = video.Scenes[0] with { FadeFrames = 0 };
            video = video with { Scenes = [scene] };
            var empty = new Renderer(64).Frame(video with { Scenes = [scene with { Radius = 1e-6 }] }, 0);
            var picture = new Renderer(64).Frame(video, 0);
            var changed = Enumerable.Range(0, 64 * 64).Where(i => Enumerable.Range(3 * i, 3).Any(c => Math.Abs(picture[c] - empty[c]) > 40)).ToArray();
            Assert.True(changed.Length > 30, $"video {index} shows only {changed.Length} pixels of its {scene.Fact.Thing}.");
            double x = changed.Average(i => i % 64) / 64, y = changed.Average(i => i / 64) / 64;
            var place = Math.Max(Math.Abs(x - 0.5), Math.Abs(y - 0.5)) < 0.1 ? "center"
                : Math.Abs(x - 0.5) > Math.Abs(y - 0.5) ? (x < 0.5 ? "left" : "right") : y < 0.5 ? "top" : "bottom";
            Assert.Equal(scene.Fact.Place, place);
        }
    }
}
