namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>A suite's paired difference, as the gate takes it.</summary>
public sealed record SuiteDifference(string Suite, Difference Difference);

/// <param name="P">one-sided: how likely a difference as low as this were the models alike; Holm-adjusted over all suites and their mean</param>
/// <param name="QuestionsToDecide">about so many questions would decide an inconclusive one; null where it is decided</param>
public sealed record SuiteVerdict(string Suite, Difference Difference, double P, string Gate, int? QuestionsToDecide);

/// <summary>The gate's word over one or more suites.</summary>
/// <param name="Mean">the suites' differences pooled with equal weight; of one suite, its own</param>
/// <param name="MeanP">one-sided and Holm-adjusted, as a suite's is</param>
/// <param name="QuestionsToDecide">about so many questions over all suites would decide; null where it is decided</param>
public sealed record GateDecision(string Gate, Difference Mean, double MeanP, IReadOnlyList<SuiteVerdict> Suites, int? QuestionsToDecide);

/// <summary>
/// `regressed`: surely worse, the upper bound of the paired difference lies below 0. `pass`: surely not worse by more than the margin, its lower bound lies
/// above −margin. Else `inconclusive`: these questions cannot tell, and `latest` stays.
/// </summary>
public static class Gate
{
    public const string Regressed = "regressed", Pass = "pass", Inconclusive = "inconclusive";
    /// <summary>One-sided: the upper bound of a 95 % interval.</summary>
    private const double Alpha = 0.025;

    /// <summary>One suite alone.</summary>
    public static string Of(Difference difference, double margin) =>
        difference.High < 0 ? Regressed : difference.Low > -margin ? Pass : Inconclusive;

    /// <summary>
    /// Several suites: the family is every suite and, from two on, their mean d̄ = Σ dᵢ / k with s² = Σ sᵢ² / k² and Welch's degrees. Each one's one-sided
    /// p = P(T_ν ≤ d / s) goes through Holm. `regressed` where any adjusted p ≤ 0.025, so that one night in forty at most is a false alarm however many
    /// suites there are; `pass` where none is and the mean's lower bound lies above −margin. Of one suite this is <see cref="Of"/>.
    /// </summary>
    public static GateDecision Decide(IReadOnlyList<SuiteDifference> suites, double margin)
    {
        var mean = Pool([.. suites.Select(suite => suite.Difference)]);
        Difference[] family = suites.Count == 1 ? [mean] : [.. suites.Select(suite => suite.Difference), mean];
        var adjusted = Holm.Adjust([.. family.Select(OneSided)]);
        SuiteVerdict[] verdicts = [.. suites.Select((suite, i) => new SuiteVerdict(
            suite.Suite, suite.Difference, adjusted[i], Verdict(suite.Difference, adjusted[i], margin), ToDecide(suite.Difference, adjusted[i], margin)))];
        var gate = adjusted.Any(p => p <= Alpha) ? Regressed : mean.Low > -margin ? Pass : Inconclusive;
        return new GateDecision(gate, mean, adjusted[^1], verdicts, gate == Inconclusive ? QuestionsToDecide(mean, margin) : null);
    }

    /// <summary>Equal weight a suite: d̄ = Σ dᵢ / k, s² = Σ sᵢ² / k², ν = (Σ sᵢ²)² / Σ (sᵢ⁴ / νᵢ). Of one suite, its own.</summary>
    public static Difference Pool(IReadOnlyList<Difference> differences)
    {
        if (differences.Count == 0)
            throw new ArgumentException("There are no suites.", nameof(differences));
        if (differences.Count == 1)
            return differences[0];
        var mean = differences.Average(d => d.Mean);
        var squares = differences.Sum(d => Math.Pow(d.StandardError, 2));
        var degrees = squares * squares / differences.Sum(d => Math.Pow(d.StandardError, 4) / d.Degrees);
        var error = Math.Sqrt(squares) / differences.Count;
        var reach = StudentT.Quantile(0.975, degrees) * error;
        return new Difference(mean, mean - reach, mean + reach, 2 * (1 - StudentT.Cdf(Math.Abs(mean) / error, degrees)))
        {
            StandardError = error, Degrees = degrees, MinimumDetectable = (StudentT.Z975 + StudentT.Z80) * error,
            Questions = differences.Sum(d => d.Questions), Better = differences.Sum(d => d.Better), Worse = differences.Sum(d => d.Worse),
        };
    }

    /// <summary>
    /// An interval shrinks with √n. Were the true difference the one seen, n′ = n · ((z₀.₉₇₅ + z₀.₈) · s / distance)² questions would decide in 80 of 100
    /// runs; distance = what lies between d and −margin (a `pass`) or between d and 0 (a `regressed`), whichever is more.
    /// </summary>
    public static int QuestionsToDecide(Difference difference, double margin)
    {
        var distance = Math.Max(difference.Mean + margin, -difference.Mean);
        var times = Math.Pow((StudentT.Z975 + StudentT.Z80) * difference.StandardError / Math.Max(distance, 1e-6), 2);
        return (int)Math.Min(int.MaxValue, Math.Ceiling(difference.Questions * Math.Max(1, times)));
    }

    /// <summary>P(T_ν ≤ d / s).</summary>
    private static double OneSided(Difference difference) => StudentT.Cdf(difference.Mean / difference.StandardError, difference.Degrees);

    private static string Verdict(Difference difference, double adjusted, double margin) =>
        adjusted <= Alpha ? Regressed : difference.Low > -margin ? Pass : Inconclusive;

    private static int? ToDecide(Difference difference, double adjusted, double margin) =>
        Verdict(difference, adjusted, margin) == Inconclusive ? QuestionsToDecide(difference, margin) : null;
}
