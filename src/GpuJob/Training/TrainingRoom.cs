using Tpo.Shared.Models;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>Whether there is room for a run, asked before its weights are read.</summary>
public static class TrainingRoom
{
    /// <summary>Says what the run will need; returns, where that is there, what was read to tell.</summary>
    /// <exception cref="InsufficientMemoryException">it is not; the sentence says what would make the run fit</exception>
    public static async Task<RunOutline> RequireAsync(TpoStorage storage, TrainingRequest request, string baseFolder, Action<string> log, CancellationToken stop)
    {
        RunOutline outline = await RunOutline.ReadAsync(storage, request, baseFolder, stop);
        TrainingMemoryPlan plan = outline.Plan(cuda.is_available());
        log($"Planned: {plan}.");
        (long? device, long host) = await FreeAsync(stop);
        if (plan.OnDevice && device is null)
            log("How much of the GPU's memory is free could not be asked for (nvidia-smi), so the plan was held against the machine's memory alone.");
        TrainingFit.Require(plan, device, host);
        return outline;
    }

    /// <summary>Bytes that are free: of the GPU's memory (null without one, or where its driver's tool does not say) and of this machine's.</summary>
    public static async Task<(long? Device, long Host)> FreeAsync(CancellationToken stop) =>
        (cuda.is_available() ? await GpuMemory.FreeAsync(stop) : null, MachineMemory.Available());
}
