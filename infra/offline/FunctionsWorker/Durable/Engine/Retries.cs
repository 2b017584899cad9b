using Microsoft.DurableTask;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Retries are orchestrator code: every attempt is a new action, every delay a durable timer, so they survive a restart.</summary>
internal static class Retries
{
    public static Task<T> RunAsync<T>(TaskOrchestrationContext context, TaskRetryOptions? retry, Func<Task<T>> attempt) => retry switch
    {
        null => attempt(),
        { Policy: { } policy } => RunAsync(context, attempt, (failures, failure, started) =>
            ByPolicyAsync(context, policy, failures, failure, started)),
        _ => RunAsync(context, attempt, (failures, failure, started) => retry.Handler!(
            new RetryContext(context, failures, failure, context.CurrentUtcDateTime - started, CancellationToken.None))),
    };

    private static async Task<T> RunAsync<T>(TaskOrchestrationContext context, Func<Task<T>> attempt,
        Func<int, TaskFailureDetails, DateTime, Task<bool>> again)
    {
        var started = context.CurrentUtcDateTime;
        for (var failures = 1; ; failures++)
        {
            try
            {
                return await attempt();
            }
            catch (TaskFailedException e)
            {
                if (!await again(failures, e.FailureDetails, started)) throw;
            }
        }
    }

    // delay(k) = min(first * coefficient^k, max), k = 0 for the first retry; the timeout is looked at when the failure comes in.
    private static async Task<bool> ByPolicyAsync(TaskOrchestrationContext context, RetryPolicy policy, int failures,
        TaskFailureDetails failure, DateTime started)
    {
        if (!policy.HandleFailure(failure)) return false;
        if (failures >= policy.MaxNumberOfAttempts)
        {
            // The official engine schedules one timer more, due at once; without it later actions would have other numbers than there.
            await context.CreateTimer(context.CurrentUtcDateTime, CancellationToken.None);
            return false;
        }
        if (policy.RetryTimeout != Timeout.InfiniteTimeSpan && context.CurrentUtcDateTime - started >= policy.RetryTimeout) return false;
        var longest = policy.MaxRetryInterval == Timeout.InfiniteTimeSpan ? TimeSpan.FromDays(365) : policy.MaxRetryInterval;
        var grown = policy.FirstRetryInterval.TotalMilliseconds * Math.Pow(policy.BackoffCoefficient, failures - 1);
        var delay = Math.Min(grown, longest.TotalMilliseconds);
        await context.CreateTimer(TimeSpan.FromMilliseconds(delay), CancellationToken.None);
        return true;
    }
}
