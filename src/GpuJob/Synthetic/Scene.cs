using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic;

/// <summary>A colour with channels 0 … 255.</summary>
public readonly record struct Ink(double Red, double Green, double Blue);

/// <summary>What lies behind the shape: a dark tint with a slope, a wave and a fixed grain. It says nothing about the shape.</summary>
public sealed record Backdrop(Ink Tint, double SlopeX, double SlopeY, double WaveX, double WaveY, double WavePhase, double WaveHeight, ulong Grain);

/// <summary>How a shape moves around its place: it swings by at most (X, Y), fractions of the side, once in so many seconds. Still = (0, 0).</summary>
public sealed record Motion(double X, double Y, double Seconds, double Lag);

/// <summary>
/// One event: a shape for some seconds, dots and a word above it. Lengths are fractions of the picture's side, (0, 0) is its top left corner.
/// </summary>
public sealed record Scene
{
    public required SceneFact Fact { get; init; }
    /// <summary>1 … 4 dots in the picture's top right.</summary>
    public required int Dots { get; init; }
    /// <summary>Stands in capitals in the picture's top left.</summary>
    public required string Word { get; init; }
    public required int FirstFrame { get; init; }
    public required int Frames { get; init; }
    public required double X { get; init; }
    public required double Y { get; init; }
    public required Motion Motion { get; init; }
    public required double Radius { get; init; }
    public required double Turn { get; init; }
    public required Ink Ink { get; init; }
    public required Backdrop Backdrop { get; init; }
    /// <summary>Frames over which the scene comes out of the dark; 0 = a hard cut.</summary>
    public required int FadeFrames { get; init; }

    public int MiddleFrame => FirstFrame + Frames / 2;
    public int LastFrame => FirstFrame + Frames - 1;

    /// <summary>Where the shape's middle is at a frame of the video.</summary>
    public (double X, double Y) CentreAt(int frame)
    {
        var turn = Math.Tau * (frame - FirstFrame) / (SyntheticVideo.FramesPerSecond * Motion.Seconds);
        return (X + Motion.X * Math.Sin(turn), Y + Motion.Y * Math.Sin(turn + Motion.Lag));
    }

    /// <summary>How bright the scene is at a frame, 0.4 … 1: it never fades out of sight.</summary>
    public double BrightnessAt(int frame) => frame - FirstFrame >= FadeFrames ? 1 : 0.4 + 0.6 * (frame - FirstFrame) / FadeFrames;
}

/// <summary>A video of the world: scenes one after the other from frame 0, and a clock in every frame.</summary>
public sealed record SyntheticVideo(string Split, ulong Seed, IReadOnlyList<Scene> Scenes)
{
    public const int FramesPerSecond = 5;

    /// <summary>What the clock shows at frame 0, in seconds: 0 in every file; training frames may stand anywhere in a long video.</summary>
    public int ClockStart { get; init; }

    /// <summary>A name that tells nothing of what is shown.</summary>
    public string Name => $"v{WorldRandom.Mix(Seed ^ 0x6E616D65):x16}";
    public int FrameCount => Scenes[^1].FirstFrame + Scenes[^1].Frames;
    public double DurationSeconds => (double)FrameCount / FramesPerSecond;

    /// <summary>The clock's second at a frame.</summary>
    public int SecondAt(int frame) => ClockStart + frame / FramesPerSecond;

    /// <summary>Which scene a frame belongs to.</summary>
    public int SceneAt(int frame)
    {
        if (frame < 0 || frame >= FrameCount)
            throw new ArgumentOutOfRangeException(nameof(frame), $"Frame {frame} is outside 0 … {FrameCount - 1} of video {Name}.");
        for (var i = Scenes.Count - 1; ; i--)
            if (frame >= Scenes[i].FirstFrame)
                return i;
    }

    /// <summary>What some frames of the video show, in order: an entry an event, with the seconds in which these frames show it.</summary>
    public IReadOnlyList<Sight> SightsIn(IEnumerable<int> frames) =>
        [.. frames.GroupBy(SceneAt).OrderBy(group => group.Key).Select(group => Sight.Of(this, group.Key, group.Min(), group.Max()))];

    /// <summary>The whole video's events.</summary>
    public IReadOnlyList<Sight> Sights() => [.. Scenes.Select((scene, i) => Sight.Of(this, i, scene.FirstFrame, scene.LastFrame))];
}

/// <summary>One event as it was seen.</summary>
/// <param name="Number">a word: one … four</param>
/// <param name="First">the clock's second when it was first seen</param>
/// <param name="Last">the clock's second when it was last seen</param>
/// <param name="Middle">the clock's second in the middle of the whole event</param>
public sealed record Sight(SceneFact Fact, string Number, string Word, int First, int Last, int Middle)
{
    public string Thing => Fact.Thing;

    public static Sight Of(SyntheticVideo video, int number, int firstFrame, int lastFrame)
    {
        var scene = video.Scenes[number];
        return new Sight(scene.Fact, SceneLanguage.Numbers[scene.Dots - 1], scene.Word,
            video.SecondAt(firstFrame), video.SecondAt(lastFrame), video.SecondAt(scene.MiddleFrame));
    }
}
