namespace Tpo.Shared.Media;

/// <summary>A reproducible shuffle: sorting by these keys gives one order a seed, the same on every machine and .NET version.</summary>
internal static class SeededOrder
{
    /// <summary>SplitMix64 (Steele, Lea, Flood 2014) of the seed and the item's number.</summary>
    public static ulong Key(int seed, int item)
    {
        var z = ((ulong)(uint)seed << 32 | (uint)item) + 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
