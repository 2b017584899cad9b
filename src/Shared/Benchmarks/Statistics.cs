namespace Tpo.Shared.Benchmarks;

/// <summary>One question's value: 1 right or 0 wrong, or a paired difference of two such.</summary>
public sealed record Observation(string Video, double Value);

/// <summary>A mean over questions with its 95 % interval.</summary>
public sealed record Interval(double Mean, double Low, double High);

/// <summary>
/// Questions about one video are not independent, so all of this treats the video as the unit. Pure: the same observations in any order and the
/// same seed give the same numbers.
/// </summary>
public static class Statistics
{
    public const int Resamples = 10_000;
    private const int MostEnumeratedVideos = 16;

    /// <summary>
    /// Mean over questions; percentile bootstrap over videos: V videos are drawn with replacement, mean* = Σ sums / Σ counts of the drawn,
    /// the interval runs from the 2.5th to the 97.5th percentile. One video alone says nothing of others: [least, most].
    /// </summary>
    public static Interval Mean(IReadOnlyList<Observation> observations, int seed, double least, double most)
    {
        var videos = Videos(observations);
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

    /// <summary>Tuned minus base, question by question: mean, interval over videos, and a permutation test.</summary>
    /// <param name="differences">values -1, 0 or 1</param>
    public static Difference PairedDifference(IReadOnlyList<Observation> differences, int seed)
    {
        var interval = Mean(differences, seed, -1, 1);
        return new Difference(interval.Mean, interval.Low, interval.High, PermutationP(differences, seed));
    }

    /// <summary>
    /// Two-sided. Were the models alike, swapping them on a whole video would change nothing: p = share of sign vectors s ∈ {-1, 1}^V with
    /// |Σ s_v sum_v| ≥ |Σ sum_v|. All of them up to 16 videos that differ, else 10,000 drawn ones, the observed counted in.
    /// </summary>
    public static double PermutationP(IReadOnlyList<Observation> differences, int seed)
    {
        double[] sums = [.. Videos(differences).Select(v => v.Sum).Where(sum => sum != 0)];
        var observed = Math.Abs(sums.Sum()) - 1e-9;
        if (sums.Length <= MostEnumeratedVideos)
        {
            var all = 1 << sums.Length;
            return Enumerable.Range(0, all).Count(signs => Math.Abs(Flipped(sums, (ulong)signs)) >= observed) / (double)all;
        }
        var random = new SplitMix64((ulong)seed ^ 0x7065726D75746174);
        var extreme = 1;
        for (var i = 0; i < Resamples; i++)
        {
            double total = 0;
            for (var first = 0; first < sums.Length; first += 64)
                total += Flipped(sums.AsSpan(first, Math.Min(64, sums.Length - first)), random.Next());
            if (Math.Abs(total) >= observed)
                extreme++;
        }
        return extreme / (double)(Resamples + 1);
    }

    /// <summary>`regressed`: surely worse; `pass`: surely not worse by more than the margin; else `inconclusive`.</summary>
    public static string Gate(Difference difference, double margin) =>
        difference.High < 0 ? "regressed" : difference.Low > -margin ? "pass" : "inconclusive";

    private static double Flipped(ReadOnlySpan<double> sums, ulong signs)
    {
        double total = 0;
        for (var i = 0; i < sums.Length; i++)
            total += (signs >> i & 1) == 0 ? sums[i] : -sums[i];
        return total;
    }

    private static (double Sum, int Count)[] Videos(IReadOnlyList<Observation> observations)
    {
        if (observations.Count == 0)
            throw new ArgumentException("There are no observations.", nameof(observations));
        return [.. observations.GroupBy(o => o.Video, StringComparer.Ordinal).OrderBy(g => g.Key, StringComparer.Ordinal).Select(g => (g.Sum(o => o.Value), g.Count()))];
    }

    /// <summary>numpy's default: linear between the two nearest of the sorted values.</summary>
    private static double Quantile(double[] sorted, double share)
    {
        var place = share * (sorted.Length - 1);
        var below = (int)place;
        return sorted[below] + (place - below) * (sorted[Math.Min(below + 1, sorted.Length - 1)] - sorted[below]);
    }
}
