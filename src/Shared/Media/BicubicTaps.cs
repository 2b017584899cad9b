namespace Tpo.Shared.Media;

/// <summary>The source pixels and weights of every target pixel along one axis, as Pillow computes them for its bicubic filter.</summary>
internal sealed class BicubicTaps
{
    /// <summary>Binary places of the weights: 8 bits of pixel and 2 of overshoot leave 22 in 32.</summary>
    public const int Bits = 22;

    private readonly int[] _first;
    private readonly int[] _taps;
    private readonly int[] _weights;
    private readonly int _stride;

    private BicubicTaps(int count, int stride)
    {
        _first = new int[count];
        _taps = new int[count];
        _weights = new int[count * stride];
        _stride = stride;
    }

    /// <summary>Target pixels.</summary>
    public int Count => _first.Length;

    /// <summary>The first source pixel that target pixel x sees.</summary>
    public int FirstOf(int x) => _first[x];

    /// <summary>Weights of the source pixels from <see cref="FirstOf"/> on, in units of 2^-22.</summary>
    public ReadOnlySpan<int> WeightsOf(int x) => _weights.AsSpan(x * _stride, _taps[x]);

    public static BicubicTaps For(int source, int target)
    {
        var scale = source / (double)target;
        var stretch = Math.Max(scale, 1.0);
        var support = 2.0 * stretch;
        var taps = new BicubicTaps(target, (int)Math.Ceiling(support) * 2 + 1);
        var weights = new double[taps._stride];
        for (var x = 0; x < target; x++)
        {
            var center = (x + 0.5) * scale;
            var first = Math.Max(0, (int)(center - support + 0.5));
            var count = Math.Min(source, (int)(center + support + 0.5)) - first;
            var sum = 0.0;
            for (var t = 0; t < count; t++)
                sum += weights[t] = Kernel((t + first - center + 0.5) * (1.0 / stretch));
            (taps._first[x], taps._taps[x]) = (first, count);
            for (var t = 0; t < count; t++)
                taps._weights[x * taps._stride + t] = Fixed(sum != 0.0 ? weights[t] / sum : weights[t]);
        }
        return taps;
    }

    private static int Fixed(double weight) => (int)((weight < 0 ? -0.5 : 0.5) + weight * (1 << Bits));

    /// <summary>Keys' cubic with a = −0.5.</summary>
    private static double Kernel(double x)
    {
        const double a = -0.5;
        x = Math.Abs(x);
        return x < 1.0 ? ((a + 2.0) * x - (a + 3.0)) * x * x + 1
            : x < 2.0 ? (((x - 5) * x + 8) * x - 4) * a
            : 0.0;
    }
}
