namespace Tpo.Shared.Training;

/// <summary>What the environment of a training process should say besides the product's own settings.</summary>
public static class TrainingProcess
{
    public const int MappedBytes = 4 << 20;

    /// <summary>
    /// Memory in pages of 2 MB where the system has them (glibc 2.35 on): a step takes and gives back gigabytes of tensors, and in pages of 4 KB a sixth of its time
    /// goes into first touches. Tensors of 4 MB and more are given back to the system one by one: kept in the heap, they leave holes between the lasting ones.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } =
        new Dictionary<string, string> { ["GLIBC_TUNABLES"] = $"glibc.malloc.hugetlb=1:glibc.malloc.mmap_threshold={MappedBytes}" };
}
