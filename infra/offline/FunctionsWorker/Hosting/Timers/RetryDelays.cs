using System.Globalization;
using Microsoft.Azure.Functions.Worker;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>The waits before a timer function's retries, as its retry attribute says.</summary>
internal static class RetryDelays
{
    /// <summary>Stops the start where the attribute's numbers cannot be used, or the trigger has no such capability.</summary>
    public static void Check(string function, RetryAttribute? retry, bool onTimer)
    {
        if (retry is null)
            return;
        if (!onTimer)
            throw new StartupException($"Function '{function}': retry attributes work on timer triggers only.");
        if (retry.MaxRetryCount < -1)
            throw new StartupException($"Function '{function}': a retry count is -1 (for ever), 0 or more, not {retry.MaxRetryCount}.");
        foreach (var interval in Intervals(retry))
            if (!TimeSpan.TryParse(interval, CultureInfo.InvariantCulture, out var time) || time < TimeSpan.Zero)
                throw new StartupException($"Function '{function}': the retry interval '{interval}' is not a time such as 00:00:10.");
    }

    /// <summary>The wait after this many failed attempts have been followed by a retry (0 before the first).</summary>
    public static TimeSpan Before(RetryAttribute retry, int attempt)
    {
        var times = Intervals(retry).Select(i => TimeSpan.Parse(i, CultureInfo.InvariantCulture)).ToArray();
        if (times is not [var least, var most])
            return times[0];
        var delay = least * Math.Pow(2, Math.Min(attempt, 30));
        return delay < most ? delay : most;
    }

    private static string[] Intervals(RetryAttribute retry) => retry switch
    {
        FixedDelayRetryAttribute flat => [flat.DelayInterval],
        ExponentialBackoffRetryAttribute growing => [growing.MinimumInterval, growing.MaximumInterval],
        _ => throw new NotSupportedException($"The local host has no {retry.GetType().Name}."),
    };
}
