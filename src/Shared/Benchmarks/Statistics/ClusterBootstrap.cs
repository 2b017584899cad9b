namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>
/// The same question asked by resampling, for means whose distribution no formula here knows. The same observations in any order and the same seed give the
/// same numbers.
/// </summary>
public static class ClusterBootstrap
{
    public const int Resamples = 10_000;

    /// <summary>
    /// Mean over questions; percentile bootstrap over videos: V videos are drawn with replacement, mean* = Σ sums / Σ counts of the drawn,
    /// the interval runs from the 2.5th to the 97.5th percentile. One video alone says nothing of others: [least, most].
    /// </summary>
    public static Interval Mean(IReadOnlyList<Observation> observations, int seed, double least, double most)
    {
        var videos = VideoSum.Of(observations);
        var mean = videos.Sum(v => v.Sum) / videos.Sum(v => v.Count);
        if (videos.Length == 1)
            return new Interval(mean, least, most);
        var random = new SplitMix64((ulong)seed);
        var means = new double[Resamples];
        for (var i = 0; i < Resamples; i++)
        {
            double sum = 0, count = 0;
            for (var draw = 0; draw < videos.Length; draw++)
            {
                var video = videos[random.Below(videos.Length)];
                sum += video.Sum;
                count += video.Count;
            }
            means[i] = sum / count;
        }
        Array.Sort(means);
        return new Interval(mean, Quantile(means, 0.025), Quantile(means, 0.975));
    }

    /// <summary>numpy's default: linear between the two nearest of the sorted values.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
