using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic;

/// <summary>How many scenes a video may have, how long they may be, and in how many uniform frames it will be seen.</summary>
/// <param name="Frames">every scene lasts at least 1.5 × duration ÷ Frames, so that uniform frames never miss it</param>
public sealed record WorldShape(int MinScenes, int MaxScenes, double MinSceneSeconds, double MaxSceneSeconds, int Frames)
{
    private const double Cover = 1.5;

    /// <summary>In how many of the videos all things, up to the fifth, have one colour or one shape: then only the other tells which is meant.</summary>
    public double Alike { get; init; }
    /// <summary>Of those, how many have one shape.</summary>
    public double OneShape { get; init; } = 0.5;

    /// <summary>Videos as curation and the demo get them.</summary>
    public static WorldShape Videos { get; } = new(5, 8, 3, 8, 16);
    /// <summary>Videos that the model is good at: seen in eight frames.</summary>
    public static WorldShape Short { get; } = new(4, 5, 2, 8, 8);
    /// <summary>Videos that the model is weak at: minutes long, seen in 32 frames.</summary>
    public static WorldShape Long { get; } = new(12, 16, 5, 15, 32);
    /// <summary>Tens of minutes.</summary>
    public static WorldShape Feature { get; } = new(40, 60, 20, 60, 128);
    /// <summary>A single scene.</summary>
    public static WorldShape Frame { get; } = new(1, 1, 2, 8, 8);

    /// <summary>The most scenes that so many frames cover.</summary>
    public static int MostScenes(int frames) => (int)(frames / Cover);

    public bool Covers(IReadOnlyList<int> sceneFrames) => sceneFrames.Count == 1 || sceneFrames.Min() * Frames >= Cover * sceneFrames.Sum();
}

/// <summary>
/// The procedural world: a video is a pure function of (split, seed, index, shape). Seeds of different splits differ in their lowest bits,
/// so pretraining, curation, validation and test videos never share one. A thing may come again, never right after itself.
/// </summary>
public static class World
{
    public static IReadOnlyList<string> Splits { get; } = ["train", "curation", "test", "validation"];

    private const double Recurrence = 0.08, Fades = 0.25;
    /// <summary>There are 48 things: a new one differs from so many before it.</summary>
    private const int Memory = 24;

    private static readonly Dictionary<string, Ink> Inks = new()
    {
        ["red"] = new(215, 35, 35), ["green"] = new(40, 175, 60), ["blue"] = new(45, 75, 230), ["yellow"] = new(240, 225, 40),
        ["purple"] = new(135, 45, 185), ["orange"] = new(245, 135, 15), ["white"] = new(242, 242, 242), ["pink"] = new(250, 150, 200),
    };

    private static readonly Dictionary<string, (double X, double Y)> Centres = new()
    {
        ["left"] = (0.21, 0.5), ["right"] = (0.79, 0.5), ["top"] = (0.5, 0.33), ["bottom"] = (0.5, 0.67), ["center"] = (0.5, 0.5),
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
        var scenes = new List<Scene>();
        bool? oneShape = shape.Alike > 0 && random.Chance(shape.Alike) ? random.Unit() >= 1 - shape.OneShape : null;
        foreach (var frames in SceneLengths(random, random.Whole(shape.MinScenes, shape.MaxScenes), shape))
            scenes.Add(DrawScene(random, Fact(random, scenes, scenes.Count < 5 ? oneShape : null), scenes.Count == 0 ? 0 : scenes[^1].LastFrame + 1, frames));
        return new SyntheticVideo(split, videoSeed, scenes);
    }

    /// <summary>A thing that was not there yet, or now and then one that was, elsewhere perhaps.</summary>
    private static SceneFact Fact(WorldRandom random, List<Scene> before, bool? oneShape)
    {
        if (before.Count > 1 && random.Chance(Recurrence) && random.Pick(before).Fact is var again && again.Thing != before[^1].Fact.Thing)
            return again with { Place = random.Pick(SceneLanguage.Places) };
        while (true)
        {
            var fact = new SceneFact(random.Pick(SceneLanguage.Colours), random.Pick(SceneLanguage.Shapes), random.Pick(SceneLanguage.Places));
            if (before.Count > 0 && oneShape is { } shape)
                fact = shape ? fact with { Shape = before[0].Fact.Shape } : fact with { Colour = before[0].Fact.Colour };
            if (before.TakeLast(Memory).All(scene => scene.Fact.Thing != fact.Thing))
                return fact;
        }
    }

    /// <summary>Lengths in frames; where the scenes must be nearly equal to be covered, their differences are drawn smaller and smaller until they are.</summary>
    private static int[] SceneLengths(WorldRandom random, int count, WorldShape shape)
    {
        var middle = random.Between(shape.MinSceneSeconds, shape.MaxSceneSeconds);
        for (var spread = 1.0; ; spread *= 0.9)
        {
            var frames = new int[count];
            for (var i = 0; i < count; i++)
            {
                var seconds = middle + spread * (random.Between(shape.MinSceneSeconds, shape.MaxSceneSeconds) - middle);
                frames[i] = Math.Max(2, (int)Math.Round(seconds * SyntheticVideo.FramesPerSecond));
            }
            if (shape.Covers(frames))
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
            Fact = fact, Dots = random.Whole(1, SceneLanguage.Numbers.Count), Word = random.Pick(SceneLanguage.Words),
            FirstFrame = firstFrame, Frames = frames,
            X = x + random.Between(-0.02, 0.02), Y = y + random.Between(-0.02, 0.02),
            Motion = DrawMotion(random),
            Radius = random.Between(0.115, 0.15), Turn = random.Between(-0.12, 0.12),
            Ink = new Ink(Near(ink.Red), Near(ink.Green), Near(ink.Blue)),
            Backdrop = new Backdrop(
                new Ink(random.Between(12, 60), random.Between(12, 60), random.Between(12, 60)),
                random.Between(-22, 22), random.Between(-22, 22), random.Between(-24, 24), random.Between(-24, 24),
                random.Between(0, Math.Tau), random.Between(2, 10), random.NextBits()),
            FadeFrames = random.Chance(Fades) ? 3 : 0,
        };
    }

    /// <summary>Still, sideways, up and down, or round.</summary>
    private static Motion DrawMotion(WorldRandom random)
    {
        var kind = random.Below(4);
        double x = random.Between(0.01, 0.025), y = random.Between(0.01, 0.02), seconds = random.Between(1.5, 6);
        return new Motion(kind is 1 or 3 ? x : 0, kind is 2 or 3 ? y : 0, seconds, kind == 3 ? Math.PI / 2 : 0);
    }
}
