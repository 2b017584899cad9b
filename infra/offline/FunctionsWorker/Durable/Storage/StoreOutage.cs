using Azure;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>Waits out a store that is away: what the engine writes can be written later, and nothing goes on before it is.</summary>
internal sealed class StoreOutage(ILogger logger)
{
    private static readonly TimeSpan longestPause = TimeSpan.FromSeconds(1);

    /// <summary>Tries until the store answers. Answers that mean another writer (404, 409, 412) come through as they are.</summary>
    public async Task<T> WaitOutAsync<T>(string what, Func<Task<T>> request, CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                return await request();
            }
            catch (Exception e) when (IsAway(e) && !cancellation.IsCancellationRequested)
            {
                logger.LogError("{What} cannot be written (attempt {Attempt}: {Reason}); trying again.", what, attempt, e.Message);
                var pause = TimeSpan.FromMilliseconds(50 * Math.Pow(2, Math.Min(attempt, 10)));
                await Task.Delay(pause < longestPause ? pause : longestPause, cancellation);
            }
    }

    // The client library wraps what its own retries saw; a network time-out looks like a cancellation.
    private static bool IsAway(Exception e) => e switch
    {
        RequestFailedException failed => failed.Status is not (404 or 409 or 412),
        AggregateException or IOException or OperationCanceledException => true,
        _ => false,
    };
}
