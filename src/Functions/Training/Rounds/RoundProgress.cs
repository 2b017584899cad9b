using Microsoft.DurableTask.Client;
using Tpo.Functions.Curation;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Rounds;

/// <summary>Which round is under way, as the orchestrations themselves say.</summary>
internal static class RoundProgress
{
    public static async Task<RoundStage?> OfAsync(TrainingRun run, DurableTaskClient durable, CancellationToken cancellation)
    {
        if (run.IsFinal || run.Request.Rounds == 1 || await StatusAsync<RoundStage>(run.RunId, durable, cancellation) is not { } stage)
            return null;
        return stage.Does == RoundStage.MakesPairs && await StatusAsync<CurationStage>(RoundNames.Pairs(run.RunId, stage.Round), durable, cancellation) is { } pairs
            ? stage with { Videos = pairs.Done, OfVideos = pairs.Of }
            : stage;
    }

    private static async Task<T?> StatusAsync<T>(string instanceId, DurableTaskClient durable, CancellationToken cancellation) where T : class =>
        await durable.GetInstanceAsync(instanceId, getInputsAndOutputs: true, cancellation) is { SerializedCustomStatus: not null } instance ? instance.ReadCustomStatusAs<T>() : null;
}
