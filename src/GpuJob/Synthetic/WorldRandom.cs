namespace Tpo.GpuJob.Synthetic;

/// <summary>
/// SplitMix64: a stream of numbers that is a pure function of its seed on every machine and .NET version, which System.Random does not promise.
/// </summary>
public sealed class WorldRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A bijection on 64-bit numbers: different inputs never collide.</summary>
    public static ulong Mix(ulong value)
    {
        value ^= value >> 30;
        value *= 0xBF58476D1CE4E5B9;
        value ^= value >> 27;
        value *= 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }

    public ulong NextBits() => Mix(_state += 0x9E3779B97F4A7C15);

    /// <summary>Uniform in [0, 1).</summary>
    public double Unit() => (NextBits() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + (high - low) * Unit();

    /// <summary>Uniform in 0 … count − 1.</summary>
    public int Below(int count) => (int)(Unit() * count);

    /// <summary>Uniform in low … high, both included.</summary>
    public int Whole(int low, int high) => low + Below(high - low + 1);

    public bool Chance(double probability) => Unit() < probability;

    public T Pick<T>(IReadOnlyList<T> items) => items[Below(items.Count)];

    /// <summary>A copy in random order (Fisher–Yates).</summary>
    public T[] Shuffled<T>(IEnumerable<T> items)
    {
        var copy = items.ToArray();
        for (var i = copy.Length - 1; i > 0; i--)
        {
            var j = Below(i + 1);
            (copy[i], copy[j]) = (copy[j], copy[i]);
        }
        return copy;
    }
}
