namespace Tpo.Shared.Media;

/// <summary>A reproducible shuffle: sorting by these keys gives one order a seed.</summary>
public static class SeededOrder
{
    public static ulong Key(int seed, int item) => new SplitMix64((ulong)(uint)seed << 32 | (uint)item).Next();
}
