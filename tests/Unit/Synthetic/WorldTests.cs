using Tpo.GpuJob.Synthetic;
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
        Assert.Empty(seeds[0].Intersect(seeds[1]));
        Assert.Empty(seeds[0].Intersect(seeds[2]));
        Assert.Empty(seeds[1].Intersect(seeds[2]));
    }

    [Fact]
    public void No_thing_comes_twice_and_sixteen_frames_meet_every_scene()
    {
        for (var index = 0; index < 300; index++)
        {
            var video = World.Video("curation", 9, index, WorldShape.Videos);
            Assert.Equal(video.Scenes.Count, video.Scenes.Select(scene => scene.Fact.Thing).Distinct().Count());
            Assert.InRange(video.Scenes.Count, 5, 8);
            Assert.InRange(video.DurationSeconds, 15, 64);
            var met = Enumerable.Range(0, 16).Select(i => video.SceneAt((int)((video.FrameCount - 1) * i / 15.0))).Distinct();
            Assert.Equal(video.Scenes.Count, met.Count());
        }
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
            var video = World.Video("test", 2, index, new WorldShape(1, 1));
            var scene = video.Scenes[0];
            var empty = new Renderer(64).Frame(video with { Scenes = [scene with { Radius = 1e-6 }] }, 0);
            var picture = new Renderer(64).Frame(video, 0);
            var changed = Enumerable.Range(0, 64 * 64).Where(i => Enumerable.Range(3 * i, 3).Any(c => Math.Abs(picture[c] - empty[c]) > 40)).ToArray();
            Assert.True(changed.Length > 30, $"video {index} shows only {changed.Length} pixels of its {scene.Fact.Thing}.");
            double x = changed.Average(i => i % 64) / 64, y = changed.Average(i => i / 64) / 64;
            var place = Math.Max(Math.Abs(x - 0.5), Math.Abs(y - 0.5)) < 0.15 ? "center"
                : Math.Abs(x - 0.5) > Math.Abs(y - 0.5) ? (x < 0.5 ? "left" : "right") : y < 0.5 ? "top" : "bottom";
            Assert.Equal(scene.Fact.Place, place);
        }
    }
}
