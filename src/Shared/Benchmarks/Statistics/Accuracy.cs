namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>The share of right answers with its 95 % interval, the video as the unit. Pure and without chance.</summary>
public static class Accuracy
{
    /// <summary>
    /// p = Σ S_v / n over V videos and n questions; its variance between videos is s² = V/(V−1) · Σ (S_v − p·n_v)² / n². So n questions say as much as
    /// n* = p(1−p) / s² independent ones would (at most n; V where all are right or all wrong). Wilson's interval with them, t = t₀.₉₇₅ of V−1 degrees:
    /// (p + t²/2n* ± t·√(p(1−p)/n* + t²/4n*²)) / (1 + t²/n*). One video alone says nothing of others: [0, 1].
    /// </summary>
    /// <param name="answers">values 1 or 0</param>
    public static Interval Of(IReadOnlyList<Observation> answers)
    {
        var videos = VideoSum.Of(answers);
        var questions = videos.Sum(v => v.Count);
        var p = videos.Sum(v => v.Sum) / questions;
        if (videos.Length == 1)
            return new Interval(p, 0, 1);
        var variance = videos.Length / (videos.Length - 1.0) * videos.Sum(v => Math.Pow(v.Sum - p * v.Count, 2)) / Math.Pow(questions, 2);
        var worth = p is 0 or 1 ? videos.Length : Math.Min(questions, p * (1 - p) / variance);
        var t2 = Math.Pow(StudentT.Quantile(0.975, videos.Length - 1), 2);
        var centre = p + t2 / (2 * worth);
        var half = Math.Sqrt(t2 * (p * (1 - p) / worth + t2 / (4 * worth * worth)));
        return new Interval(p, p == 0 ? 0 : (centre - half) / (1 + t2 / worth), p == 1 ? 1 : (centre + half) / (1 + t2 / worth));
    }
}
