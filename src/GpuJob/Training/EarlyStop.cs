using System.Globalization;
using Tpo.Shared.Training;

namespace Tpo.GpuJob.Training;

/// <summary>
/// DPO may raise the margin by making both answers unlikely. Where the held-out chosen answers' log-probability has fallen by more than a share of what
/// it was at the start, more steps make the model worse at answering.
/// </summary>
public static class EarlyStop
{
    /// <returns>a sentence, or null where training goes on</returns>
    /// <param name="rows">of the steps to look at; the last scored one decides</param>
    public static string? Reason(IReadOnlyList<TrainingMetrics> rows, IReadOnlyList<PreparedPair> heldOut, double mostDrop)
    {
        if (mostDrop == 0 || rows.LastOrDefault(row => row.HeldOutLogProbChosen is not null) is not { HeldOutLogProbChosen: { } now } row)
            return null;
        double start = heldOut.Average(item => item.Reference.Chosen), drop = (start - now) / Math.Abs(start);
        return drop <= mostDrop ? null : string.Create(CultureInfo.InvariantCulture,
            $"After step {row.Step} the held-out chosen answers' log-probability had fallen from {start:F2} to {now:F2}, by {drop:P0}; at most {mostDrop:P0} was allowed (mostChosenDrop).");
    }
}
