namespace Tpo.Shared.Media;

/// <summary>A segment that nothing is asked about, and why.</summary>
/// <param name="Reason">one of the words in <see cref="SegmentFilter"/></param>
public sealed record DroppedSegment(TimeSpanSeconds Span, string Reason);

/// <summary>
/// Which segments show something that one could ask about. Thresholds were set on real clips and their blurred copies: the least detail of a sharp clip
/// was 0.064, the most of one blurred by 8 pixels 0.015; a fixed camera with people passing changes by 0.6 and more.
/// </summary>
public static class SegmentFilter
{
    public const string Black = "black", Static = "static", Blurred = "blurred", NearDuplicate = "near-duplicate";

    /// <summary>ffmpeg's `blackframe` takes a frame for black with 98 % of dark pixels.</summary>
    public const double MostDark = 0.98;
    /// <summary>Mean change; an encoder that refines a still picture changes it by 0.05.</summary>
    public const double LeastChange = 0.1;
    /// <summary>A change like this, if only once, is an event.</summary>
    public const double Event = 1;
    public const double LeastDetail = 0.015;
    /// <summary>Bits of the hash, at each of three places, by which a segment may differ from an earlier one and still be the same.</summary>
    public const int SameBits = 5;

    private static readonly double[] Places = [0.25, 0.5, 0.75];

    /// <summary>The segments worth asking about and those that are not, both in order of time. Without looks all are.</summary>
    public static (IReadOnlyList<TimeSpanSeconds> Good, IReadOnlyList<DroppedSegment> Dropped) Split(
        IReadOnlyList<TimeSpanSeconds> segments, IReadOnlyList<FrameLook> looks, double looksPerSecond)
    {
        if (looks.Count == 0)
            return (segments, []);
        var good = new List<TimeSpanSeconds>();
        var dropped = new List<DroppedSegment>();
        var seen = new List<FrameLook[]>();
        foreach (var segment in segments)
        {
            FrameLook[] inside = [.. Enumerable.Range(0, looks.Count).Where(i => i >= segment.Start * looksPerSecond && i < segment.End * looksPerSecond).Select(i => looks[i])];
            if (inside.Length == 0)
                inside = [looks[^1]];
            FrameLook[] marks = [.. Places.Select(place => inside[(int)(place * inside.Length)])];
            if ((Fault(inside) ?? (seen.Any(other => Same(other, marks)) ? NearDuplicate : null)) is { } reason)
                dropped.Add(new DroppedSegment(segment, reason));
            else
            {
                good.Add(segment);
                seen.Add(marks);
            }
        }
        return (good, dropped);
    }

    private static string? Fault(FrameLook[] inside) =>
        Median(inside, look => look.Dark) >= MostDark ? Black
        : IsStill(inside) ? Static
        : Median(inside, look => look.Detail) < LeastDetail ? Blurred
        : null;

    /// <summary>The first sample's change is that of the cut before it.</summary>
    private static bool IsStill(FrameLook[] inside) =>
        inside.Length > 1 && inside.Skip(1).Average(look => look.Change) < LeastChange && inside.Skip(1).All(look => look.Change < Event);

    private static bool Same(FrameLook[] one, FrameLook[] other) => one.Zip(other).All(pair => pair.First.Distance(pair.Second) <= SameBits);

    private static double Median(FrameLook[] looks, Func<FrameLook, double> value) => looks.Select(value).Order().ElementAt(looks.Length / 2);
}
