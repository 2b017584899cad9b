using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <summary>Pairs become a model: dataset version, job, watch, export, registration. Does no I/O itself.</summary>
public static class TrainModel
{
    private static readonly TaskOptions Retried = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(TrainModel))]
    public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
    {
        try
        {
            context.SetCustomStatus(RunStatus.PreparingData);
            await context.CallActivityAsync(nameof(TrainingActivities.PrepareDataset), runId, Retried);

            context.SetCustomStatus(RunStatus.Training);
            var phase = await context.CallSubOrchestratorAsync<JobPhase>(
                nameof(WatchJob), new WatchJobInput(runId, Starts: 0), new SubOrchestrationOptions(instanceId: $"{context.InstanceId}-watch"));
            if (phase != JobPhase.Succeeded)
                return await context.CallActivityAsync<RunStatus>(nameof(TrainingActivities.CloseUnfinished), runId, Retried);

            context.SetCustomStatus(RunStatus.Exporting);
            await context.CallActivityAsync(nameof(TrainingActivities.ExportTuned), runId, Retried);
            return await context.CallActivityAsync<RunStatus>(nameof(TrainingActivities.RegisterTuned), runId, Retried);
        }
        catch (TaskFailedException failure)
        {
            var sentence = failure.FailureDetails.ErrorMessage;
            return await context.CallActivityAsync<RunStatus>(nameof(TrainingActivities.RecordFailure), new RunFailure(runId, sentence), Retried);
        }
    }
}

public sealed record RunFailure(string RunId, string Sentence);
