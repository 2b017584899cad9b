using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Functions.Curation;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Rounds;

/// <summary>Every curated video's questions, answered by the round's model: a sub-orchestration a video. Does no I/O itself.</summary>
public static class MakeRoundPairs
{
    private const int Window = 200;
    private const int ToldVideos = 10;
    private static readonly TaskOptions Retried = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(MakeRoundPairs))]
    public static async Task<RoundPairs> Run([OrchestrationTrigger] TaskOrchestrationContext context, RoundPolicy policy)
    {
        var videos = await context.CallActivityAsync<string[]>(nameof(RoundActivities.ListRoundVideos), policy.Step, Retried);
        var (running, leftOut, next) = (new List<Task<string?>>(), new List<string>(), 0);
        string? ends = null;
        for (var done = 0; done < next || (next < videos.Length && ends is null); done++)
        {
            context.SetCustomStatus(new CurationStage("answering", done, videos.Length));
            while (next < videos.Length && running.Count < Window && ends is null)
                running.Add(AnswerAsync(videos[next++]));
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            if (await ended is { } reason && leftOut.Count < ToldVideos)
                leftOut.Add(reason);
        }
        return new RoundPairs([.. leftOut], ends);

        // Why the video is left out; null where it is not. What ends the round lets those that run come to their end.
        async Task<string?> AnswerAsync(string videoId)
        {
            var result = await context.CallSubOrchestratorAsync<StageResult>(nameof(AnswerAgain), new AnswerAgainTask(
                videoId, policy.ModelId, policy.Revision, RoundNames.Run(policy.Step.RunId, policy.Step.Round), policy.Step.RunId));
            ends ??= result.Paused;
            return result.Failure is { } failure ? $"{videoId}: {failure}" : null;
        }
    }
}
