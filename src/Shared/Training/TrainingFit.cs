using Tpo.Shared.Models;

namespace Tpo.Shared.Training;

/// <summary>Whether a planned run fits, and what would make it fit. Nothing is advised that was not planned and found to fit.</summary>
public static class TrainingFit
{
    /// <summary>What is advised where nothing smaller was asked for: the rank of the presets' adapters.</summary>
    public const int AdvisedRank = 16;

    /// <param name="device">free bytes of the GPU's memory; null where it could not be asked for, or where there is no GPU</param>
    /// <param name="host">free bytes of this machine's memory</param>
    public static bool Fits(TrainingMemoryPlan plan, long? device, long host) =>
        plan.Host <= host && (!plan.OnDevice || device is null || plan.Peak <= device);

    /// <exception cref="InsufficientMemoryException">with what is needed, what there is, and what would make it fit</exception>
    public static void Require(TrainingMemoryPlan plan, long? device, long host)
    {
        if (!Fits(plan, device, host))
            throw new InsufficientMemoryException(Refusal(plan, device, host));
    }

    /// <summary>
    /// The smallest sets of changes with which the run fits: all that are as small as the smallest. Each is of a name and the plan it was found with; none = nothing helps.
    /// </summary>
    public static IReadOnlyList<(string Change, TrainingMemoryPlan Plan)> Advice(TrainingMemoryPlan plan, long? device, long host)
    {
        var changes = Changes(plan);
        for (var size = 1; size <= changes.Count + 1; size++)
        {
            // Fewer frames change what is learnt, so they count as one more change and are tried behind the others.
            var found = Subsets(changes, size).Select(set => Apply(plan, set)).Where(changed => Fits(changed.Plan, device, host))
                .Concat(Subsets(changes, size - 1).Select(set => FewerFrames(Apply(plan, set), device, host)).OfType<(string, TrainingMemoryPlan)>()).ToList();
            if (found.Count > 0)
                return found;
        }
        return [];
    }

    private static string Refusal(TrainingMemoryPlan plan, long? device, long host)
    {
        bool onDevice = plan.OnDevice && plan.Peak > device;
        string needed = onDevice
            ? $"{MemoryPlan.Size(plan.Peak)} of the GPU's memory are needed, {MemoryPlan.Size(device!.Value)} are free"
            : $"{MemoryPlan.Size(plan.Host)} of this machine's memory are needed, {MemoryPlan.Size(host)} are available";
        var advice = Advice(plan, device, host);
        string ways = advice.Count > 0
            ? $"It would fit with {string.Join("; or with ", advice.Select(way => $"{way.Change} ({MemoryPlan.Size(onDevice ? way.Plan.Peak : way.Plan.Host)})"))}."
            : "None of loraRank, recompute, computeType bfloat16, offloadOptimizer and fewer frames makes it fit: take a smaller base model or a larger machine.";
        string videos = plan.Features > plan.Peak / 4 ? $" The features of {plan.Videos} videos take {MemoryPlan.Size(plan.Features)} of it: a smaller batchSize takes less." : "";
        return $"The training does not fit into memory: {needed}. {ways}{videos} Planned: {plan}.";
    }

    private static IReadOnlyList<(string Name, Func<TrainingMemoryPlan, TrainingMemoryPlan> Change)> Changes(TrainingMemoryPlan plan)
    {
        var changes = new List<(string, Func<TrainingMemoryPlan, TrainingMemoryPlan>)>();
        if (!plan.Ways.Recompute)
            changes.Add(("recompute true", given => given with { Ways = given.Ways with { Recompute = true } }));
        // On a CPU bf16 is slow and incomplete, and there is no other memory to put an optimiser into.
        if (plan.OnDevice && !plan.Ways.Bf16)
            changes.Add(("computeType bfloat16", given => given with { Ways = given.Ways with { Bf16 = true } }));
        if (plan.OnDevice && !plan.Ways.OffloadOptimizer)
            changes.Add(("offloadOptimizer true", given => given with { Ways = given.Ways with { OffloadOptimizer = true } }));
        if (plan.Request.LoraRank == 0)
            changes.Add(($"loraRank {AdvisedRank}", given => given with { Request = given.Request with { LoraRank = AdvisedRank } }));
        return changes;
    }

    private static (string Change, TrainingMemoryPlan Plan) Apply(TrainingMemoryPlan plan, IReadOnlyList<(string Name, Func<TrainingMemoryPlan, TrainingMemoryPlan> Change)> set) =>
        (string.Join(" and ", set.Select(change => change.Name)), set.Aggregate(plan, (given, change) => change.Change(given)));

    /// <summary>The most frames with which it fits; memory only grows with them.</summary>
    private static (string, TrainingMemoryPlan)? FewerFrames((string Change, TrainingMemoryPlan Plan) changed, long? device, long host)
    {
        TrainingMemoryPlan With(int frames) => changed.Plan with { Request = changed.Plan.Request with { FramesPerVideo = frames } };
        (int fits, int not) = (0, changed.Plan.Request.FramesPerVideo);
        while (not - fits > 1)
        {
            int middle = (fits + not) / 2;
            (fits, not) = Fits(With(middle), device, host) ? (middle, not) : (fits, middle);
        }
        return fits == 0 ? null : ((changed.Change.Length > 0 ? changed.Change + " and " : "") + $"framesPerVideo {fits}", With(fits));
    }

    private static IEnumerable<IReadOnlyList<T>> Subsets<T>(IReadOnlyList<T> all, int size) =>
        size == 0 ? [[]] : Enumerable.Range(0, all.Count).SelectMany(first => Subsets([.. all.Skip(first + 1)], size - 1).Select(rest => (IReadOnlyList<T>)[all[first], .. rest]));
}
