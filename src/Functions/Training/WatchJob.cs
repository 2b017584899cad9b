using System.Text.Json.Serialization;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <param name="Starts">how often this run's job was started so far</param>
public sealed record WatchJobInput(string RunId, int Starts)
{
    /// <summary>When the job was first seen to beat; null = not yet.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public DateTime? RunsSince { get; init; }
}

/// <summary>
/// Starts the job where none is, looks again every few seconds, and begins anew with an empty history after a while (long trainings).
/// A job that died is started again: it resumes from its newest checkpoint. The job's own lease keeps two from training at once.
/// </summary>
public static class WatchJob
{
    private const int LooksAnExecution = 60;
    private const int GreatestStarts = 8;

    [Function(nameof(WatchJob))]
    public static async Task<JobPhase> Run([OrchestrationTrigger] TaskOrchestrationContext context, WatchJobInput input)
    {
        var (starts, since) = (input.Starts, input.RunsSince);
        for (var look = 0; look < LooksAnExecution; look++)
        {
            var seen = await context.CallActivityAsync<JobSighting>(nameof(TrainingActivities.LookAtJob), input.RunId);
            if (seen.IsFinal)
                return seen.Phase;
            since ??= seen.Runs == true ? context.CurrentUtcDateTime : null;
            switch (JobWatch.Next(seen, since is null ? TimeSpan.Zero : context.CurrentUtcDateTime - since.Value))
            {
                case WatchMove.AskToEnd:
                    await context.CallActivityAsync(nameof(TrainingActivities.EndJob), new JobEnd(input.RunId, AtPlatform: false, JobWatch.BudgetSentence(seen.MaxHours!.Value)));
                    break;
                case WatchMove.EndAtPlatform:
                    await context.CallActivityAsync(nameof(TrainingActivities.EndJob), new JobEnd(input.RunId, AtPlatform: true));
                    break;
                case WatchMove.Start when starts == GreatestStarts:
                    throw new InvalidOperationException($"The training job was started {starts} times and died each time; its output is logs/{input.RunId}.log in the app's work folder (Tpo__WorkFolder).");
                case WatchMove.Start:
                    starts++;
                    await context.CallActivityAsync(nameof(TrainingActivities.StartJob), input.RunId);
                    break;
            }
            await context.CreateTimer(seen.Wait, CancellationToken.None);
        }
        context.ContinueAsNew(input with { Starts = starts, RunsSince = since });
        return JobPhase.Running;
    }
}

/// <param name="AtPlatform">whether the platform ends it, whatever it does; else it is asked to end after its step</param>
/// <param name="Sentence">why, where it is not on a person's request</param>
public sealed record JobEnd(string RunId, bool AtPlatform, string? Sentence = null);
