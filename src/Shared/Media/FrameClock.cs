namespace Tpo.Shared.Media;

/// <summary>Frames one after the other that are shown equally long.</summary>
/// <param name="Seconds">of each</param>
public sealed record FrameRun(int Frames, double Seconds);

/// <summary>When each frame of a video is shown, in seconds from the first one's start.</summary>
public sealed class FrameClock
{
    /// <summary>Forgives the rounding of times that were made from frame numbers: a millionth of a frame.</summary>
    private const double Forgiven = 1e-6;

    private readonly double _framesPerSecond;
    /// <summary>null = the rate is constant</summary>
    private readonly double[]? _starts;

    private FrameClock(int frameCount, double framesPerSecond, double[]? starts) =>
        (FrameCount, _framesPerSecond, _starts) = (frameCount, framesPerSecond, starts);

    public int FrameCount { get; }

    public static FrameClock Constant(int frameCount, double framesPerSecond) => framesPerSecond > 0
        ? new FrameClock(frameCount, framesPerSecond, null)
        : throw new ArgumentOutOfRangeException(nameof(framesPerSecond), framesPerSecond, "Frames per second must be positive.");

    /// <summary>A variable rate.</summary>
    public static FrameClock Of(IEnumerable<FrameRun> runs)
    {
        var starts = new List<double>();
        var time = 0.0;
        foreach (var run in runs)
        {
            for (var i = 0; i < run.Frames; i++)
                starts.Add(time + i * run.Seconds);
            time += run.Frames * run.Seconds;
        }
        return new FrameClock(starts.Count, starts.Count / time, [.. starts]);
    }

    public double Seconds(int index) => _starts is null ? index / _framesPerSecond : _starts[index];

    /// <summary>The first frame that is shown at the time or later; FrameCount where there is none.</summary>
    public int FirstAtOrAfter(double seconds)
    {
        if (_starts is null)
            return (int)Math.Clamp(Math.Ceiling(seconds * _framesPerSecond - Forgiven), 0, FrameCount);
        var place = Array.BinarySearch(_starts, seconds - Forgiven / _framesPerSecond);
        return place < 0 ? ~place : place;
    }

    /// <summary>The runs of frames that start at these times; null where every one of them starts within half a frame of where a constant rate has it.</summary>
    /// <param name="starts">in ticks, rising</param>
    /// <param name="end">of the last frame</param>
    public static IReadOnlyList<FrameRun>? Runs(IReadOnlyList<long> starts, long end, double secondsPerTick, double framesPerSecond)
    {
        if (Enumerable.Range(0, starts.Count).All(i => Math.Abs((starts[i] - starts[0]) * secondsPerTick * framesPerSecond - i) <= 0.5))
            return null;
        var runs = new List<FrameRun>();
        for (var i = 0; i < starts.Count; i++)
        {
            var seconds = ((i + 1 < starts.Count ? starts[i + 1] : end) - starts[i]) * secondsPerTick;
            if (runs.Count > 0 && runs[^1].Seconds == seconds)
                runs[^1] = runs[^1] with { Frames = runs[^1].Frames + 1 };
            else
                runs.Add(new FrameRun(1, seconds));
        }
        return runs;
    }
}
