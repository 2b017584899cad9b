using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>Tasks that fail and are tried again: until they succeed, and until the policy gives up.</summary>
public static class Retries
{
    public const string Name = "LoadRetries", FailingChild = "LoadFailingChild";

    private static readonly TaskOptions policy = TaskOptions.FromRetryPolicy(new(3, TimeSpan.FromMilliseconds(20), 2));

    [Function(Name)]
    public static async Task<string[]> Run([OrchestrationTrigger] TaskOrchestrationContext context) =>
    [
        await InTheEndAsync(context, firstGood: 3),
        await GaveUpAsync(() => context.CallActivityAsync<string>(Activities.Fails, "retried", policy)),
        await GaveUpAsync(() => context.CallSubOrchestratorAsync<string>(FailingChild, "child", policy)),
    ];

    /// <summary>Lets its activity's failure escape.</summary>
    [Function(FailingChild)]
    public static Task<string> RunFailingChild([OrchestrationTrigger] TaskOrchestrationContext context, string text) =>
        context.CallActivityAsync<string>(Activities.Fails, text);

    // The number of the attempt is part of the input: the activity itself remembers nothing.
    private static async Task<string> InTheEndAsync(TaskOrchestrationContext context, int firstGood)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await context.CallActivityAsync<string>(Activities.Flaky, new Activities.Attempt("It", attempt, firstGood));
            }
            catch (TaskFailedException)
            {
                await context.CreateTimer(TimeSpan.FromMilliseconds(20), CancellationToken.None);
            }
    }

    private static async Task<string> GaveUpAsync(Func<Task<string>> task)
    {
        try
        {
            return await task();
        }
        catch (TaskFailedException e)
        {
            return $"{e.TaskName} #{e.TaskId}: {e.FailureDetails.ErrorType}: {e.FailureDetails.InnerFailure?.ErrorMessage}";
        }
    }
}
