namespace Tpo.Shared.Benchmarks.Statistics;

/// <summary>Student's t with any number of degrees of freedom above 0, whole or not; and the normal numbers that go with it.</summary>
public static class StudentT
{
    /// <summary>z with P(Z ≤ z) = 0.975.</summary>
    public const double Z975 = 1.959963984540054;
    /// <summary>z with P(Z ≤ z) = 0.8: a power of 80 %.</summary>
    public const double Z80 = 0.8416212335729143;

    /// <summary>P(T ≤ t) = 1 − ½ I_x(ν/2, ½) for t ≥ 0, with x = ν / (ν + t²); and 1 − P(T ≤ −t) below 0.</summary>
    public static double Cdf(double t, double degrees)
    {
        if (double.IsInfinity(t))
            return t > 0 ? 1 : 0;
        var tail = 0.5 * BetaShare(degrees / (degrees + t * t), t * t / (degrees + t * t), degrees / 2, 0.5);
        return t < 0 ? tail : 1 - tail;
    }

    /// <summary>The t below which the share lies; found by halving, to 1e-12 of its size.</summary>
    /// <param name="share">0.5 to below 1</param>
    public static double Quantile(double share, double degrees)
    {
        double low = 0, high = 1;
        while (Cdf(high, degrees) < share)
            (low, high) = (high, 2 * high);
        while (high - low > 1e-12 * high)
        {
            var middle = low + (high - low) / 2;
            if (Cdf(middle, degrees) < share)
                low = middle;
            else
                high = middle;
        }
        return high;
    }

    /// <summary>The regularised incomplete beta function I_x(a, b), by its continued fraction on the side where that converges fast; y = 1 − x, given so that nothing cancels.</summary>
    private static double BetaShare(double x, double y, double a, double b)
    {
        if (x <= 0)
            return 0;
        if (y <= 0)
            return 1;
        var front = Math.Exp(LogGamma(a + b) - LogGamma(a) - LogGamma(b) + a * Math.Log(x) + b * Math.Log(y));
        return x < (a + 1) / (a + b + 2) ? front * Fraction(x, a, b) / a : 1 - front * Fraction(y, b, a) / b;
    }

    /// <summary>1/(1+ d₁/(1+ d₂/(1+ …))) with d₂ₘ = m(b−m)x / ((a+2m−1)(a+2m)), d₂ₘ₊₁ = −(a+m)(a+b+m)x / ((a+2m)(a+2m+1)); evaluated forwards (modified Lentz).</summary>
    private static double Fraction(double x, double a, double b)
    {
        const double tiny = 1e-300;
        double numerator = double.PositiveInfinity, denominator = 1, value = 1;
        for (var i = 1; i < 10_000; i++)
        {
            var m = i / 2;
            var term = i % 2 == 0
                ? m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
                : -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
            denominator = 1 + term * denominator;
            denominator = 1 / (Math.Abs(denominator) < tiny ? tiny : denominator);
            numerator = 1 + term / numerator;
            numerator = Math.Abs(numerator) < tiny ? tiny : numerator;
            value *= numerator * denominator;
            if (Math.Abs(numerator * denominator - 1) < 1e-15)
                break;
        }
        return value;
    }

    /// <summary>ln Γ(x) by Stirling's series above 10, by Γ(x) = Γ(x + 1) / x below.</summary>
    private static double LogGamma(double x)
    {
        double shift = 0;
        for (; x < 10; x++)
            shift -= Math.Log(x);
        var square = 1 / (x * x);
        return shift + (x - 0.5) * Math.Log(x) - x + 0.5 * Math.Log(2 * Math.PI)
            + (1.0 / 12 - square * (1.0 / 360 - square * (1.0 / 1260 - square * (1.0 / 1680 - square / 1188)))) / x;
    }
}
