namespace Tpo.GpuJob.Training;

/// <summary>Which pairs a step sees. It depends on seed and step alone, so a resumed run needs no state to go on where it was.</summary>
public static class PairOrder
{
    /// <summary>Indices of the pairs of one step: consecutive places in an endless row of epochs, each epoch shuffled anew.</summary>
    public static int[] Batch(int pairs, int batchSize, int seed, int step)
    {
        var batch = new int[batchSize];
        (int epoch, int[] order) = (-1, []);
        for (var i = 0; i < batchSize; i++)
        {
            long place = (long)step * batchSize + i;
            if (epoch != place / pairs)
                (epoch, order) = ((int)(place / pairs), Epoch(pairs, seed, (int)(place / pairs)));
            batch[i] = order[place % pairs];
        }
        return batch;
    }

    /// <summary>All pairs that the whole run sees.</summary>
    public static int[] Used(int pairs, int batchSize, int seed, int steps) =>
        [.. Enumerable.Range(0, steps).SelectMany(step => Batch(pairs, batchSize, seed, step)).Distinct().Order()];

    /// <summary>A permutation of 0 … pairs − 1: sorting by hashed keys, the same on every machine and .NET version.</summary>
    private static int[] Epoch(int pairs, int seed, int epoch) =>
        [.. Enumerable.Range(0, pairs).OrderBy(pair => Mix(Mix(Mix((uint)seed) ^ (uint)epoch) ^ (uint)pair))];

    /// <summary>SplitMix64's finaliser (Steele, Lea, Flood 2014).</summary>
    private static ulong Mix(ulong value)
    {
        ulong z = value + 0x9E3779B97F4A7C15UL;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9UL;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EBUL;
        return z ^ (z >> 31);
    }
}
