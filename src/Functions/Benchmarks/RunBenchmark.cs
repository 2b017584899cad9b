using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Shared.Benchmarks;

namespace Tpo.Functions.Benchmarks;

/// <summary>One activity a model and video, all its questions at once; then scoring. Its custom status is the number of shards done. Does no I/O itself.</summary>
public static class RunBenchmark
{
    private const int Window = 200;
    private static readonly TaskOptions Retried = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(RunBenchmark))]
    public static async Task<BenchmarkStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, string runId)
    {
        try
        {
            var shards = await context.CallActivityAsync<BenchmarkShard[]>(nameof(BenchmarkActivities.PlanBenchmark), runId, Retried);
            await AnswerAllAsync(context, shards);
            return await context.CallActivityAsync<BenchmarkStatus>(nameof(BenchmarkActivities.ScoreBenchmark), runId, Retried);
        }
        catch (TaskFailedException failure)
        {
            var sentence = failure.FailureDetails.ErrorMessage;
            return await context.CallActivityAsync<BenchmarkStatus>(nameof(BenchmarkActivities.RecordBenchmarkFailure), new BenchmarkFailure(runId, sentence), Retried);
        }
    }

    /// <summary>At most a window of shards is on its way; the next one starts when any ends.</summary>
    private static async Task AnswerAllAsync(TaskOrchestrationContext context, BenchmarkShard[] shards)
    {
        var running = new List<Task>();
        var next = 0;
        for (var done = 0; done < shards.Length; done++)
        {
            while (next < shards.Length && running.Count < Window)
                running.Add(AnswerAsync(context, shards[next++]));
            var ended = await Task.WhenAny(running);
            running.Remove(ended);
            await ended;
            context.SetCustomStatus(done + 1);
        }
    }

    /// <summary>A shard that cannot be answered becomes errors with their reason; the others go on.</summary>
    private static async Task AnswerAsync(TaskOrchestrationContext context, BenchmarkShard shard)
    {
        try
        {
            await context.CallActivityAsync(nameof(BenchmarkActivities.AnswerShard), shard, Retried);
        }
        catch (TaskFailedException failure)
        {
            var sentence = failure.FailureDetails.ErrorMessage;
            await context.CallActivityAsync(nameof(BenchmarkActivities.RecordShardFailure), new ShardFailure(shard, sentence), Retried);
        }
    }
}

public sealed record BenchmarkFailure(string RunId, string Sentence);

public sealed record ShardFailure(BenchmarkShard Shard, string Sentence);
