using System.Globalization;
using Tpo.Shared.Models;
using Tpo.Shared.Training;
using static Tpo.Shared.Models.MemoryPlan;

namespace Tpo.GpuJob.Memory;

/// <summary>Plans of training runs as a Markdown table: an adapter's and a full run's, from the plainest way to the thriftiest.</summary>
public static class TrainingMemoryTable
{
    /// <summary>GPUs as they are sold, in GB of 10⁹ bytes: a little less than what they have.</summary>
    public static readonly IReadOnlyList<int> Devices = [24, 48, 80, 141];

    private static readonly (int Rank, TrainingWays Ways)[] Rows =
    [
        (16, new TrainingWays()), (16, new TrainingWays(Bf16: true)), (16, new TrainingWays(Recompute: true, Bf16: true)),
        (0, new TrainingWays()), (0, new TrainingWays(Recompute: true)), (0, new TrainingWays(Recompute: true, Bf16: true)), (0, new TrainingWays(Recompute: true, Bf16: true, OffloadOptimizer: true)),
    ];

    /// <param name="videos">different videos of a step</param>
    public static IEnumerable<TrainingMemoryPlan> Plans(CheckpointConfig config, IReadOnlyList<int> frames, int videos) =>
        from row in Rows
        from count in frames
        select TrainingMemoryPlan.For(config, new TrainingRequest { LoraRank = row.Rank, FramesPerVideo = count }, row.Ways, PairSize.Usual, videos, onDevice: true);

    public static IEnumerable<string> Lines(IEnumerable<TrainingMemoryPlan> plans)
    {
        yield return "| trained | frames | weights | masters, gradients, moments | features | activations | logits, scratch, runtime | GPU | host | smallest GPU |";
        yield return "|---|---|---|---|---|---|---|---|---|---|";
        foreach (var plan in plans)
        {
            long optimizer = plan.Gradients + (plan.Ways.OffloadOptimizer ? 0 : plan.Masters + plan.Moments);
            yield return $"| {plan.Way()} | {plan.Request.FramesPerVideo} | {Size(plan.Weights)} | {Size(optimizer)} | {Size(plan.Features)} | {Size(plan.Activations)} "
                + $"| {Size(Math.Max(0, plan.Peak - plan.Weights - optimizer - plan.Features - plan.Activations))} | {Size(plan.Peak)} | {Size(plan.Host)} | {Verdict(plan)} |";
        }
    }

    private static string Verdict(TrainingMemoryPlan plan) =>
        Devices.Where(size => plan.Peak <= size * 1_000_000_000L).Select(size => size.ToString(CultureInfo.InvariantCulture)).FirstOrDefault() is { } least ? $"{least} GB" : "none";
}
