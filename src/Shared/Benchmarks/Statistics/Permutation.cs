namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>Were the models alike, swapping them on a whole video would change nothing: how rare is a difference like the one seen, among all such swaps?</summary>
public static class Permutation
{
    private const int Hundredths = 100;

    /// <summary>Into how many parts a question's credit may be cut: right or wrong is one; a judge's marks of 0 to 5 or 0 to 10 are more.</summary>
    private static readonly int[] Parts = [1, 2, 3, 4, 5, 6, 8, 10, 12, 20, 60];

    /// <summary>
    /// Two-sided and exact. p = share of sign vectors s ∈ {-1, 1}^V with |Σ s_v S_v| ≥ |Σ S_v|. In a unit that makes the sums whole, all 2^V swaps are counted by
    /// what they add up to: one video after the other, share(x) ← ½ share(x − S_v) + ½ share(x + S_v).
    /// </summary>
    /// <param name="differences">values from -1 to 1; those of no common part of <see cref="Parts"/> are taken to the hundredth</param>
    public static double P(IReadOnlyList<Observation> differences)
    {
        var parts = Parts.FirstOrDefault(n => differences.All(d => Math.Abs(d.Value * n - Math.Round(d.Value * n)) < 1e-9), Hundredths);
        int[] sums = [.. VideoSum.Of([.. differences.Select(d => d with { Value = Math.Round(d.Value * parts) })]).Select(v => (int)v.Sum)];
        var reach = sums.Sum(Math.Abs);
        var (shares, next) = (new double[2 * reach + 1], new double[2 * reach + 1]);
        shares[reach] = 1;
        var so = 0;
        foreach (var size in sums.Select(Math.Abs).Where(size => size > 0))
        {
            Array.Clear(next);
            for (var x = reach - so; x <= reach + so; x++)
            {
                next[x - size] += 0.5 * shares[x];
                next[x + size] += 0.5 * shares[x];
            }
            so += size;
            (shares, next) = (next, shares);
        }
        var observed = Math.Abs(sums.Sum());
        return Math.Min(1, shares.Where((_, x) => Math.Abs(x - reach) >= observed).Sum());
    }
}
