namespace Tpo.Shared.Training;

/// <summary>What the environment of a training process should say besides the product's own settings.</summary>
public static class TrainingProcess
{
    /// <summary>
    /// Tensors of a megabyte and more are taken from the system and given back to it one by one (glibc). By default the allocator keeps freed ones in its heap, where
    /// a step's many sizes leave holes: a third more memory, for the same time.
    /// </summary>
    public static IReadOnlyDictionary<string, string> Environment { get; } = new Dictionary<string, string> { ["MALLOC_MMAP_THRESHOLD_"] = "1048576" };
}
