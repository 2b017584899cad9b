namespace Tpo.Shared.Models;

/// <summary>How a model is served on this machine.</summary>
public sealed record ServingOptions
{
    /// <summary>Threads inside one run. One gives the same answers on every machine of a kind, and leaves the cores to several models.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>
    /// Bytes for keys and values: of the videos that are remembered, and of the one that is asked about. Null: a quarter of the memory that
    /// is free, or what the weights leave of it.
    /// </summary>
    public long? CacheBytes { get; init; }

    /// <summary>Questions that are answered side by side; each reads the shared keys and values in the same pass over memory.</summary>
    public int MaxBatch { get; init; } = 16;

    /// <summary>Leaves the weights where they lie in the mapped files instead of repacking them for speed: prefill takes 1.1 to 1.5 times as long.</summary>
    public bool LowMemory { get; init; }

    /// <summary>Bytes that this process may still take. Null: what the machine says, see <see cref="MachineMemory"/>.</summary>
    public long? AvailableBytes { get; init; }

    /// <summary>Where the graphs lie if not in the model folder's onnx/.</summary>
    public string? GraphFolder { get; init; }

    /// <summary>Told what memory the model will need, before anything is opened (and before it is refused for it).</summary>
    public Action<MemoryPlan>? Planned { get; init; }
}
