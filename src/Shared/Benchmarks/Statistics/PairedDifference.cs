namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>Tuned minus base, question by question: mean, 95 % interval with the video as the unit, and a permutation test.</summary>
public static class PairedDifference
{
    private const int Few = 16;

    /// <summary>
    /// d = Σ S_v / n, S_v = the sum of a video's differences. s² = V/(V−1) · Σ e_v² / n² with e_v = S_v − d·n_v, and [d − t·s, d + t·s] with t = t₀.₉₇₅ of
    /// ν = (Σ e_v²)² / Σ e_v⁴ degrees, at most V−1: ν is how many videos carry the variance, so that four videos that differ among a thousand count as four.
    /// Where at most 16 differ, s² = Σ S_v² / n² and ν = (Σ S_v²)² / Σ S_v⁴, the variance were the models alike: then the interval leaves zero out just
    /// when the sign test would. Where none differs, a share b = 1 − 0.025^(1/V) of other videos still might: [−b, b].
    /// </summary>
    /// <param name="differences">values -1, 0 or 1</param>
    public static Difference Of(IReadOnlyList<Observation> differences)
    {
        var videos = VideoSum.Of(differences);
        var questions = videos.Sum(v => v.Count);
        var mean = videos.Sum(v => v.Sum) / questions;
        var (error, degrees) = Error(videos, questions, mean);
        var reach = StudentT.Quantile(0.975, degrees) * error;
        return new Difference(mean, Math.Max(-1, mean - reach), Math.Min(1, mean + reach), Permutation.P(differences))
        {
            StandardError = error,
            Degrees = degrees,
            Better = differences.Count(d => d.Value > 0),
            Worse = differences.Count(d => d.Value < 0),
            Questions = questions,
            // Seen in 80 of 100 runs of this size: δ = (z₀.₉₇₅ + z₀.₈) · s.
            MinimumDetectable = Math.Min(1, (StudentT.Z975 + StudentT.Z80) * error),
        };
    }

    private static (double Error, double Degrees) Error(VideoSum[] videos, int questions, double mean)
    {
        var differing = videos.Count(v => v.Sum != 0);
        if (differing == 0)
            return ((1 - Math.Pow(0.025, 1.0 / videos.Length)) / StudentT.Quantile(0.975, videos.Length), videos.Length);
        var few = differing <= Few;
        double squares = 0, fourths = 0;
        foreach (var video in videos)
        {
            var square = Math.Pow(few ? video.Sum : video.Sum - mean * video.Count, 2);
            squares += square;
            fourths += square * square;
        }
        var degrees = squares * squares / fourths;
        return few
            ? (Math.Sqrt(squares) / questions, degrees)
            : (Math.Sqrt(videos.Length / (videos.Length - 1.0) * squares) / questions, Math.Min(degrees, videos.Length - 1));
    }
}
