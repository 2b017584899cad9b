namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>Holm's correction: of several questions asked at once, how sure is each answer still?</summary>
public static class Holm
{
    /// <summary>
    /// With p₍₁₎ ≤ … ≤ p₍ₖ₎: adjusted p₍ᵢ₎ = min(1, max over j ≤ i of (k − j + 1) · p₍ⱼ₎). Whatever is rejected at adjusted p ≤ α, no more than a share α of such
    /// families holds a false rejection, dependent or not.
    /// </summary>
    /// <returns>the adjusted values, in the order given</returns>
    public static double[] Adjust(IReadOnlyList<double> values)
    {
        var adjusted = new double[values.Count];
        var most = 0.0;
        foreach (var (rank, place) in Enumerable.Range(0, values.Count).OrderBy(i => values[i]).Index())
            adjusted[place] = most = Math.Max(most, Math.Min(1, (values.Count - rank) * values[place]));
        return adjusted;
    }
}
