using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Synthetic;

/// <summary>A colour with channels 0 … 255.</summary>
public readonly record struct Ink(double Red, double Green, double Blue);

/// <summary>What lies behind the shape: a dark tint with a slope, a wave and a fixed grain. It says nothing about the shape.</summary>
public sealed record Backdrop(Ink Tint, double SlopeX, double SlopeY, double WaveX, double WaveY, double WavePhase, double WaveHeight, ulong Grain);

/// <summary>
/// One shape for some seconds. Lengths are fractions of the picture's side, (0, 0) is its top left corner;
/// the shape swings around (X, Y) by at most (DriftX, DriftY), which keeps it inside its place.
/// </summary>
public sealed record Scene
{
    public required SceneFact Fact { get; init; }
    public required int FirstFrame { get; init; }
    public required int Frames { get; init; }
    public required double X { get; init; }
    public required double Y { get; init; }
    public required double DriftX { get; init; }
    public required double DriftY { get; init; }
    public required double DriftSeconds { get; init; }
    public required double Radius { get; init; }
    public required double Turn { get; init; }
    public required Ink Ink { get; init; }
    public required Backdrop Backdrop { get; init; }

    public int MiddleFrame => FirstFrame + Frames / 2;

    /// <summary>Where the shape's middle is at a frame of the video.</summary>
    public (double X, double Y) CentreAt(int frame)
    {
        var swing = Math.Sin(Math.Tau * (frame - FirstFrame) / (SyntheticVideo.FramesPerSecond * DriftSeconds));
        return (X + DriftX * swing, Y + DriftY * swing);
    }
}

/// <summary>A video of the world: scenes with hard cuts between them, one after the other from frame 0.</summary>
public sealed record SyntheticVideo(string Split, ulong Seed, IReadOnlyList<Scene> Scenes)
{
    public const int FramesPerSecond = 10;

    /// <summary>A name that tells nothing of what is shown.</summary>
    public string Name => $"v{WorldRandom.Mix(Seed ^ 0x6E616D65):x16}";
    public int FrameCount => Scenes[^1].FirstFrame + Scenes[^1].Frames;
    public double DurationSeconds => (double)FrameCount / FramesPerSecond;

    /// <summary>Which scene a frame belongs to.</summary>
    public int SceneAt(int frame)
    {
        if (frame < 0 || frame >= FrameCount)
            throw new ArgumentOutOfRangeException(nameof(frame), $"Frame {frame} is outside 0 … {FrameCount - 1} of video {Name}.");
        for (var i = Scenes.Count - 1; ; i--)
            if (frame >= Scenes[i].FirstFrame)
                return i;
    }
}
