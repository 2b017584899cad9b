namespace Tpo.Shared.Models;

/// <summary>Decides, before a model is opened, whether it fits into the memory there is, and how much of it keys and values may take.</summary>
internal static class MemoryBudget
{
    /// <returns>the options with CacheBytes: as asked for, or by default a quarter of what is free, or less where the weights leave less</returns>
    /// <exception cref="InsufficientMemoryException">with what is needed, what there is, and the ways out</exception>
    public static ServingOptions Settle(string model, CheckpointConfig config, ServingManifest served, ServingOptions options)
    {
        var (dtype, int8) = (served.Dtype, served.Int8Agreement is not null);
        var available = options.AvailableBytes ?? MachineMemory.Available();
        var smallest = MemoryPlan.For(config, dtype, options with { CacheBytes = null }, new MemoryWorkload(Frames: 1), int8);
        var cache = options.CacheBytes ?? Math.Max(available / 4, smallest.KeysAndValues);
        var plan = Full(cache);
        if (options.CacheBytes is null && plan.Host > available)
        {
            cache = Math.Max(smallest.KeysAndValues, cache - (plan.Host - available));
            plan = Full(cache);
        }
        options.Planned?.Invoke(plan);
        return plan.Host <= available ? options with { CacheBytes = cache } : throw new InsufficientMemoryException(Refusal(model, plan, options, available));

        MemoryPlan Full(long budget)
        {
            var workload = MemoryWorkload.Largest(config, dtype, budget);
            var videos = budget / KeyValueCache.BytesFor(config, workload.Rows(config), dtype) + 1;
            return MemoryPlan.For(config, dtype, options with { CacheBytes = budget }, workload with { Videos = (int)Math.Min(videos, int.MaxValue) }, int8);
        }
    }

    private static string Refusal(string model, MemoryPlan plan, ServingOptions options, long available)
    {
        string[] ways =
        [
            options.CacheBytes is null ? "" : $"a smaller {nameof(ServingOptions.CacheBytes)} than {MemoryPlan.Size(options.CacheBytes.Value)} (fewer frames or videos at a time)",
            options.LowMemory || plan.OnDevice ? "" : $"{nameof(ServingOptions.LowMemory)} (saves {MemoryPlan.Size(Math.Max(0, plan.Load - plan.Answer))} here: the largest matrix is never there twice)",
            plan.OnDevice || plan.Int8 ? "" : "an export with --int8, if the model agrees with it",
            plan.OnDevice ? "" : $"an export with --dtype f16 or bf16 for a GPU (weights of {MemoryPlan.Size(MemoryPlan.For(plan.Config, ServingType.F16, options, plan.Workload).Weights)})",
            "a machine with more",
        ];
        return $"The model '{model}' does not fit into memory: {MemoryPlan.Size(plan.Host)} are needed, {MemoryPlan.Size(available)} are available. {plan}. Ways out: {string.Join("; ", ways.Where(way => way.Length > 0))}.";
    }
}
