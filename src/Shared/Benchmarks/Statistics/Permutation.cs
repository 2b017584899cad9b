namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>Were the models alike, swapping them on a whole video would change nothing: how rare is a difference like the one seen, among all such swaps?</summary>
public static class Permutation
{
    /// <summary>
    /// Two-sided and exact. p = share of sign vectors s ∈ {-1, 1}^V with |Σ s_v S_v| ≥ |Σ S_v|. The sums are whole, so all 2^V swaps are counted by what they
    /// add up to: one video after the other, share(x) ← ½ share(x − S_v) + ½ share(x + S_v).
    /// </summary>
    /// <param name="differences">values -1, 0 or 1</param>
    /// <exception cref="ArgumentException">a value is not whole</exception>
    public static double P(IReadOnlyList<Observation> differences)
    {
        if (differences.Any(d => d.Value != Math.Round(d.Value)))
            throw new ArgumentException("A paired difference is -1, 0 or 1.", nameof(differences));
        int[] sums = [.. VideoSum.Of(differences).Select(v => (int)v.Sum)];
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
