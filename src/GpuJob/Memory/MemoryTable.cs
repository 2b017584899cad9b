using Tpo.Shared.Models;
using static Tpo.Shared.Models.MemoryPlan;

namespace Tpo.GpuJob.Memory;

/// <summary>Plans as a Markdown table, a row each.</summary>
public static class MemoryTable
{
    /// <summary>A row for each of the workloads in each type; with f32 also in int8, which is computed in it.</summary>
    public static IEnumerable<MemoryPlan> Plans(CheckpointConfig config, IEnumerable<ServingType> dtypes, ServingOptions options, IReadOnlyList<MemoryWorkload> workloads) =>
        from dtype in dtypes
        from int8 in dtype == ServingType.F32 ? new[] { false, true } : [false]
        from workload in workloads
        select MemoryPlan.For(config, dtype, options, workload, int8);

    /// <param name="available">bytes to judge all plans by; null: this machine's for those that run on it, and none for those on a GPU</param>
    public static IEnumerable<string> Lines(IEnumerable<MemoryPlan> plans, long? available)
    {
        yield return "| type | frames | where | weights | keys and values | frames, scratch, tables | runtime, tokenizer | peak | available |";
        yield return "|---|---|---|---|---|---|---|---|---|";
        foreach (var plan in plans)
            yield return $"| {(plan.Int8 ? "int8" : plan.Dtype.ToString().ToLowerInvariant())}{(plan.LowMemory ? ", low memory" : "")} | {plan.Workload.Frames} | {(plan.OnDevice ? "GPU" : "CPU")} | {Size(plan.Weights)} | {Size(plan.KeysAndValues)} "
                + $"| {Size(plan.Answer - plan.Weights - plan.KeysAndValues - (plan.OnDevice ? 0 : plan.Runtime))} | {(plan.OnDevice ? "on the host" : Size(plan.Runtime))} | {Size(plan.Peak)}{(plan.Load > plan.Answer ? " (loading)" : "")} | {Verdict(plan, available)} |";
    }

    private static string Verdict(MemoryPlan plan, long? available)
    {
        if (available is null && plan.OnDevice)
            return "not known";
        var there = available ?? MachineMemory.Available();
        return $"{Size(there)}: {(plan.Peak <= there ? "fits" : "does not fit")}";
    }
}
