using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Functions.Benchmarks;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training;

/// <summary>Pairs become a model: dataset version, job, watch, export, registration, and where it is asked for a benchmark. Does no I/O itself.</summary>
public static class TrainModel
{
    private static readonly TaskOptions Retried = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(TrainModel))]
    public static async Task<RunStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
    {
        bool benchmarks;
        try
        {
            context.SetCustomStatus(RunStatus.PreparingData);
            // Runs of before had no answer here.
            var prepared = await context.CallActivityAsync<PreparedTraining?>(nameof(TrainingActivities.PrepareDataset), runId, Retried);

            context.SetCustomStatus(RunStatus.Training);
            var phase = await context.CallSubOrchestratorAsync<JobPhase>(
                nameof(WatchJob), new WatchJobInput(runId, Starts: 0), new SubOrchestrationOptions(instanceId: $"{context.InstanceId}-watch"));
            if (phase != JobPhase.Succeeded)
                return await context.CallActivityAsync<RunStatus>(nameof(TrainingActivities.CloseUnfinished), runId, Retried);

            context.SetCustomStatus(RunStatus.Exporting);
            await context.CallActivityAsync(nameof(TrainingActivities.ExportTuned), runId, Retried);
            await context.CallActivityAsync<RunStatus>(nameof(TrainingActivities.RegisterTuned), runId, Retried);
            benchmarks = prepared?.Benchmark == true;
        }
        catch (TaskFailedException failure)
        {
            var sentence = failure.FailureDetails.ErrorMessage;
            return await context.CallActivityAsync<RunStatus>(nameof(TrainingActivities.RecordFailure), new RunFailure(runId, sentence), Retried);
        }
        if (benchmarks)
            await BenchmarkAsync(context, runId);
        return RunStatus.Succeeded;
    }

    /// <summary>The model is there whatever becomes of this; the benchmark run tells of itself.</summary>
    private static async Task BenchmarkAsync(TaskOrchestrationContext context, string runId)
    {
        try
        {
            if (await context.CallActivityAsync<string?>(nameof(TunedBenchmark.PlanTunedBenchmark), runId, Retried) is { } benchmark)
                await context.CallSubOrchestratorAsync<BenchmarkStatus>(nameof(RunBenchmark), benchmark, new SubOrchestrationOptions(instanceId: benchmark));
        }
        catch (TaskFailedException failure)
        {
            var sentence = failure.FailureDetails.ErrorMessage;
            await context.CallActivityAsync(nameof(TunedBenchmark.RecordNoBenchmark), new RunFailure(runId, sentence), Retried);
        }
    }
}

/// <param name="Benchmark">whether the request asks for a benchmark of the tuned model</param>
public sealed record PreparedTraining(bool Benchmark);

public sealed record RunFailure(string RunId, string Sentence);
