namespace Tpo.Shared.Media;

/// <summary>
/// From shots to the segments that are asked about. Pure and deterministic. Shots under 3 s join their shorter neighbour, shots over 30 s are cut
/// into equal parts; where parts of 3 s allow it no segment is longer than half of the video, since the rejected view needs a rest without it.
/// </summary>
public static class SegmentPlanner
{
    public const double Shortest = 3;
    public const double Longest = 30;

    /// <summary>Every segment of the video.</summary>
    /// <param name="boundaries">times of cuts in seconds</param>
    public static IReadOnlyList<TimeSpanSeconds> All(IReadOnlyList<double> boundaries, double durationSeconds) => durationSeconds < 2 * Shortest
        ? []
        : [.. Merge(Shots(boundaries, durationSeconds)).SelectMany(shot => Split(shot, Math.Min(Longest, durationSeconds / 2)))];

    /// <summary>At most so many of them, one from every equal share of the list, by the seed.</summary>
    public static IReadOnlyList<TimeSpanSeconds> Choose(IReadOnlyList<TimeSpanSeconds> segments, int seed, int most)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(most);
        if (segments.Count <= most)
            return segments;
        return [.. Enumerable.Range(0, most).Select(share =>
        {
            int first = share * segments.Count / most, end = (share + 1) * segments.Count / most;
            return segments[first + (int)(SeededOrder.Key(seed, share) % (ulong)(end - first))];
        })];
    }

    private static List<TimeSpanSeconds> Shots(IReadOnlyList<double> boundaries, double duration)
    {
        double[] times = [0, .. boundaries.Where(time => time > 0 && time < duration).Distinct().Order(), duration];
        return [.. times.Zip(times.Skip(1), (start, end) => new TimeSpanSeconds(start, end))];
    }

    private static List<TimeSpanSeconds> Merge(List<TimeSpanSeconds> shots)
    {
        while (shots.Count > 1)
        {
            var i = shots.FindIndex(shot => shot.Length < Shortest);
            if (i < 0)
                break;
            var joinsNext = i == 0 || (i < shots.Count - 1 && shots[i + 1].Length < shots[i - 1].Length);
            var first = joinsNext ? i : i - 1;
            shots[first] = new TimeSpanSeconds(shots[first].Start, shots[first + 1].End);
            shots.RemoveAt(first + 1);
        }
        return shots;
    }

    private static IEnumerable<TimeSpanSeconds> Split(TimeSpanSeconds shot, double longest)
    {
        var parts = Math.Max(1, Math.Min((int)Math.Ceiling(shot.Length / longest - 1e-9), (int)(shot.Length / Shortest)));
        return Enumerable.Range(0, parts).Select(i => new TimeSpanSeconds(
            shot.Start + shot.Length * i / parts, i == parts - 1 ? shot.End : shot.Start + shot.Length * (i + 1) / parts));
    }
}
