using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <param name="Starts">how often this run's job was started so far</param>
public sealed record WatchJobInput(string RunId, int Starts);

/// <summary>
/// Starts the job where none beats, looks again every few seconds, and begins anew with an empty history after a while (long trainings).
/// A job that died is started again: it resumes from its newest checkpoint. The job's own lease keeps two from training at once.
/// </summary>
public static class WatchJob
{
    private const int LooksAnExecution = 60;
    private const int GreatestStarts = 8;
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(2);

    [Function(nameof(WatchJob))]
    public static async Task<JobPhase> Run([OrchestrationTrigger] TaskOrchestrationContext context, WatchJobInput input)
    {
        var starts = input.Starts;
        for (var look = 0; look < LooksAnExecution; look++)
        {
            var seen = await context.CallActivityAsync<JobSighting>(nameof(TrainingActivities.LookAtJob), input.RunId);
            if (seen.Phase is JobPhase.Succeeded or JobPhase.Failed or JobPhase.Cancelled)
                return seen.Phase;
            if (!seen.Beats)
            {
                if (starts == GreatestStarts)
                    throw new InvalidOperationException($"The training job was started {starts} times and died each time; its output is logs/{input.RunId}.log in the app's work folder (Tpo__WorkFolder).");
                starts++;
                await context.CallActivityAsync(nameof(TrainingActivities.StartJob), input.RunId);
            }
            await context.CreateTimer(Interval, CancellationToken.None);
        }
        context.ContinueAsNew(input with { Starts = starts });
        return JobPhase.Running;
    }
}

/// <param name="Beats">whether a job wrote its progress within the last seconds</param>
public sealed record JobSighting(JobPhase Phase, bool Beats);
