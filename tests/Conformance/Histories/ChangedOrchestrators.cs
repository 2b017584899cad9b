using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Functions.Training;
using Tpo.Shared.Training;

namespace Tpo.Tests.Conformance.Histories;

/// <summary>TrainModel as somebody might change it while trainings run. The first one is rewritten and yet does the same.</summary>
internal static class ChangedOrchestrators
{
    internal static class RewrittenOnly
    {
        [Function(nameof(TrainModel))]
        public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
        {
            await Steps.PrepareAsync(context, runId);
            await Steps.WatchAsync(context, runId);
            return await Steps.FinishAsync(context, runId);
        }
    }

    internal static class AnotherActivity
    {
        [Function(nameof(TrainModel))]
        public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
        {
            await context.CallActivityAsync("PrepareDatasetQuickly", runId);
            await Steps.WatchAsync(context, runId);
            return await Steps.FinishAsync(context, runId);
        }
    }

    internal static class AnotherOrder
    {
        [Function(nameof(TrainModel))]
        public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
        {
            await Steps.WatchAsync(context, runId);
            await Steps.PrepareAsync(context, runId);
            return await Steps.FinishAsync(context, runId);
        }
    }

    internal static class OneMoreAtTheEnd
    {
        [Function(nameof(TrainModel))]
        public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
        {
            await Steps.PrepareAsync(context, runId);
            await Steps.WatchAsync(context, runId);
            var status = await Steps.FinishAsync(context, runId);
            await context.CallActivityAsync("TellSomebody", runId);
            return status;
        }
    }

    internal static class OneLess
    {
        [Function(nameof(TrainModel))]
        public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
        {
            await Steps.PrepareAsync(context, runId);
            await Steps.WatchAsync(context, runId);
            return RunStatus.Succeeded;
        }
    }

    internal static class AnotherResult
    {
        [Function(nameof(TrainModel))]
        public static async Task<string> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
        {
            await Steps.PrepareAsync(context, runId);
            await Steps.WatchAsync(context, runId);
            return $"it is {await Steps.FinishAsync(context, runId)}";
        }
    }

    internal static class AnotherTypeOfAnswer
    {
        [Function(nameof(TrainModel))]
        public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
        {
            await Steps.PrepareAsync(context, runId);
            await context.CallSubOrchestratorAsync<WatchJobInput>(nameof(WatchJob), runId);
            return await Steps.FinishAsync(context, runId);
        }
    }

    private static class Steps
    {
        public static Task PrepareAsync(TaskOrchestrationContext context, string runId) =>
            context.CallActivityAsync(nameof(TrainingActivities.PrepareDataset), runId);

        public static Task WatchAsync(TaskOrchestrationContext context, string runId) =>
            context.CallSubOrchestratorAsync<JobPhase>(nameof(WatchJob), new WatchJobInput(runId, Starts: 0));

        public static async Task<RunStatus> FinishAsync(TaskOrchestrationContext context, string runId)
        {
            context.SetCustomStatus(RunStatus.Exporting);
            await context.CallActivityAsync(nameof(TrainingActivities.ExportTuned), runId);
            return await context.CallActivityAsync<RunStatus>(nameof(TrainingActivities.RegisterTuned), runId);
        }
    }
}
