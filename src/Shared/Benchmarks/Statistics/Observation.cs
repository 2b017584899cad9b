namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>One question's value: 1 right or 0 wrong, or a paired difference of two such.</summary>
public sealed record Observation(string Video, double Value);

/// <summary>A mean over questions with its 95 % interval.</summary>
public sealed record Interval(double Mean, double Low, double High);

/// <summary>What one video adds: S_v, the sum over its questions, and n_v, how many they are. Questions about one video are not independent, so the video is the unit.</summary>
internal readonly record struct VideoSum(double Sum, int Count)
{
    /// <summary>One a video, in the order of their names: the order of answers changes no figure.</summary>
    /// <exception cref="ArgumentException">there are no observations</exception>
    public static VideoSum[] Of(IReadOnlyList<Observation> observations)
    {
        if (observations.Count == 0)
            throw new ArgumentException("There are no observations.", nameof(observations));
        return
        [
            .. observations.GroupBy(o => o.Video, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal)
                .Select(g => new VideoSum(g.Sum(o => o.Value), g.Count())),
        ];
    }
}
