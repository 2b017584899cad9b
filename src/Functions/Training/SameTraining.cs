using Microsoft.DurableTask.Client;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <summary>
/// One training at a time on the same pairs and base model: a second one would cost twice for the same model. The catalog's order decides
/// between two that begin at the same moment, so no lock is needed.
/// </summary>
public sealed class SameTraining(TrainingRuns runs, TimeProvider clock)
{
    /// <summary>A run is put down before its orchestration is scheduled; one that never was blocks nobody after this.</summary>
    private static readonly TimeSpan Scheduling = TimeSpan.FromMinutes(1);

    /// <summary>The run under way that does the same, first of all or, where this run is put down already, first before it; null = there is none.</summary>
    public async Task<TrainingRun?> FindAsync(string runId, TrainingRequest request, DurableTaskClient durable, CancellationToken cancellation)
    {
        foreach (var other in (await runs.ListAsync(cancellation)).Reverse())
        {
            if (other.RunId == runId)
                return null;
            if (!other.IsFinal && IsSame(other, request) && await IsUnderWayAsync(other, durable, cancellation))
                return other;
        }
        return null;
    }

    private static bool IsSame(TrainingRun other, TrainingRequest request) =>
        other.Request.BaseModel == request.BaseModel && (other.Request.Dataset == request.Dataset || other.Dataset == request.Dataset);

    private async Task<bool> IsUnderWayAsync(TrainingRun other, DurableTaskClient durable, CancellationToken cancellation) =>
        await durable.GetInstanceAsync(other.RunId, cancellation) is { } instance
            ? !instance.IsCompleted
            : clock.GetUtcNow() - other.CreatedAt < Scheduling;
}
