namespace Tpo.Shared;

/// <summary>Random numbers that a seed decides, the same on every machine and .NET version (Steele, Lea, Flood 2014).</summary>
internal struct SplitMix64(ulong state)
{
    private ulong _state = state;

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }

    /// <summary>A whole number from 0 to below the limit, evenly (Lemire's multiplication; its bias is below 2^-32 here).</summary>
    public int Below(int limit) => (int)((Next() >> 32) * (ulong)limit >> 32);
}
