using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Rounds;

/// <summary>
/// Round after round: the newest model answers the videos' questions, it is trained on the pairs that come of it, and compared with what it was. Ends where a round
/// brings no gain, fails or is cancelled, or was the last one asked for. Does no I/O itself.
/// </summary>
public static class TrainRounds
{
    private static readonly TaskOptions Retried = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(TrainRounds))]
    public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
    {
        try
        {
            // Ten rounds at most (TrainingRules), a handful of events each: the history stays short.
            for (var round = 1; ; round++)
            {
                var step = new RoundStep(runId, round);
                var begun = await context.CallActivityAsync<BegunRound>(nameof(RoundActivities.BeginRound), step, Retried);
                context.SetCustomStatus(new RoundStage(round, begun.Of, RoundStage.MakesPairs));
                var made = await context.CallSubOrchestratorAsync<RoundPairs>(nameof(MakeRoundPairs),
                    new RoundPolicy(step, begun.ModelId, begun.Revision), new SubOrchestrationOptions(instanceId: RoundNames.Pairs(runId, round)));

                var planned = await context.CallActivityAsync<PlannedRound>(nameof(RoundActivities.PlanRound), new RoundMaterial(step, made), Retried);
                if (planned.Ends is { } why)
                    return await EndAsync(why);
                context.SetCustomStatus(new RoundStage(round, begun.Of, RoundStage.Trains) { RunId = planned.RunId });
                await context.CallSubOrchestratorAsync<RunStatus>(nameof(TrainModel), planned.RunId, new SubOrchestrationOptions(instanceId: planned.RunId));

                var closed = await context.CallActivityAsync<RoundVerdict>(nameof(RoundActivities.CloseRound), step, Retried);
                if (closed.Ends is { } status)
                    return status;
            }
        }
        catch (TaskFailedException failure)
        {
            return await EndAsync(failure.FailureDetails.ErrorMessage);
        }

        Task<RunStatus> EndAsync(string sentence) =>
            context.CallActivityAsync<RunStatus>(nameof(RoundActivities.EndRounds), new RunFailure(runId, sentence), Retried);
    }
}

public sealed record RoundStep(string RunId, int Round);

/// <param name="Of">rounds that were asked for</param>
/// <param name="ModelId">the model that answers in this round and is then trained</param>
public sealed record BegunRound(int Of, string ModelId, string Revision);

public sealed record RoundPolicy(RoundStep Step, string ModelId, string Revision);

/// <param name="LeftOut">videos that could not be answered anew, each with its reason; the first few alone</param>
/// <param name="Ends">why nothing goes on: a cap on costs, or a person's request; null = it does</param>
public sealed record RoundPairs(string[] LeftOut, string? Ends);

public sealed record RoundMaterial(RoundStep Step, RoundPairs Pairs);

/// <param name="RunId">the round's training run</param>
/// <param name="Ends">why there is none</param>
public sealed record PlannedRound(string? RunId, string? Ends);
