using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic;

/// <summary>How long a video and its scenes may be.</summary>
public sealed record WorldShape(int MinScenes, int MaxScenes, double MinSceneSeconds = 3, double MaxSceneSeconds = 8)
{
    /// <summary>Videos as curation and benchmarks get them: 16 uniform frames meet every scene.</summary>
    public static WorldShape Videos { get; } = new(5, 8);
}

/// <summary>
/// The procedural world: a video is a pure function of (split, seed, index, shape). Seeds of different splits differ in their lowest bits,
/// so pretraining, curation and test videos never share one. In one video no shape and colour come together twice.
/// </summary>
public static class World
{
    public static IReadOnlyList<string> Splits { get; } = ["train", "curation", "test"];

    /// <summary>Uniform frames that every scene of a video must meet: no scene is shorter than the step between them.</summary>
    public const int CoveringFrames = 16;

    private static readonly Dictionary<string, Ink> Inks = new()
    {
        ["red"] = new(215, 35, 35), ["green"] = new(40, 175, 60), ["blue"] = new(45, 75, 230), ["yellow"] = new(240, 225, 40),
        ["purple"] = new(135, 45, 185), ["orange"] = new(245, 135, 15), ["white"] = new(242, 242, 242), ["pink"] = new(250, 150, 200),
    };

    private static readonly Dictionary<string, (double X, double Y)> Centres = new()
    {
        ["left"] = (0.21, 0.5), ["right"] = (0.79, 0.5), ["top"] = (0.5, 0.21), ["bottom"] = (0.5, 0.79), ["center"] = (0.5, 0.5),
    };

    public static ulong VideoSeed(string split, ulong seed, int index)
    {
        var number = Splits.ToList().IndexOf(split);
        if (number < 0)
            throw new ArgumentException($"The split '{split}' is none of {string.Join(", ", Splits)}.", nameof(split));
        return ((seed & 0xFFFFFFFF) << 30 | (uint)index & 0x3FFFFFFF) << 2 | (uint)number;
    }

    public static SyntheticVideo Video(string split, ulong seed, int index, WorldShape shape)
    {
        var videoSeed = VideoSeed(split, seed, index);
        var random = new WorldRandom(WorldRandom.Mix(videoSeed));
        var lengths = SceneLengths(random, random.Whole(shape.MinScenes, shape.MaxScenes), shape);
        var things = new HashSet<string>();
        var scenes = new List<Scene>(lengths.Length);
        var first = 0;
        foreach (var frames in lengths)
        {
            SceneFact fact;
            do
                fact = new SceneFact(random.Pick(SceneLanguage.Colours), random.Pick(SceneLanguage.Shapes), random.Pick(SceneLanguage.Places));
            while (!things.Add(fact.Thing));
            scenes.Add(DrawScene(random, fact, first, frames));
            first += frames;
        }
        return new SyntheticVideo(split, videoSeed, scenes);
    }

    private static int[] SceneLengths(WorldRandom random, int count, WorldShape shape)
    {
        while (true)
        {
            var frames = new int[count];
            for (var i = 0; i < count; i++)
                frames[i] = (int)Math.Round(random.Between(shape.MinSceneSeconds, shape.MaxSceneSeconds) * SyntheticVideo.FramesPerSecond);
            if (frames.Min() * (CoveringFrames - 1) > frames.Sum())
                return frames;
        }
    }

    private static Scene DrawScene(WorldRandom random, SceneFact fact, int firstFrame, int frames)
    {
        var (x, y) = Centres[fact.Place];
        var ink = Inks[fact.Colour];
        double Near(double channel) => Math.Clamp(channel + random.Between(-10, 10), 0, 255);
        return new Scene
        {
            Fact = fact, FirstFrame = firstFrame, Frames = frames,
            X = x + random.Between(-0.03, 0.03), Y = y + random.Between(-0.03, 0.03),
            DriftX = random.Between(-0.02, 0.02), DriftY = random.Between(-0.02, 0.02), DriftSeconds = random.Between(3, 9),
            Radius = random.Between(0.14, 0.185), Turn = random.Between(-0.12, 0.12),
            Ink = new Ink(Near(ink.Red), Near(ink.Green), Near(ink.Blue)),
            Backdrop = new Backdrop(
                new Ink(random.Between(12, 60), random.Between(12, 60), random.Between(12, 60)),
                random.Between(-22, 22), random.Between(-22, 22), random.Between(-24, 24), random.Between(-24, 24),
                random.Between(0, Math.Tau), random.Between(2, 10), random.NextBits()),
        };
    }
}
