using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>
/// How many cores one operation may use: TPO_THREADS, else OMP_NUM_THREADS, else libtorch's own choice. OpenMP keeps the number a thread,
/// and asynchronous code moves between threads, so everything that computes calls this first. With one thread a run is reproducible to the bit.
/// </summary>
public static class ComputeThreads
{
    private static readonly int? Wanted = Read("TPO_THREADS") ?? Read("OMP_NUM_THREADS");

    public static void Use()
    {
        if (Wanted is { } threads)
            set_num_threads(threads);
    }

    private static int? Read(string variable) =>
        int.TryParse(Environment.GetEnvironmentVariable(variable), out var threads) && threads > 0 ? threads : null;
}
