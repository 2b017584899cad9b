using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Runs one timer function: never twice at a time; the next time is taken after a run has ended, so what passed meanwhile is skipped; one run
/// with IsPastDue makes up for everything missed while the host was down.
/// </summary>
internal sealed class TimerListener(
    LocalFunction function, Schedule schedule, TimerMonitor? monitor, FunctionInvoker invoker, TimeProvider clock, ILogger log)
{
    private static readonly TimeSpan longestWait = TimeSpan.FromDays(1);

    private readonly SemaphoreSlim oneAtATime = new(1);

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    public async Task RunAsync(CancellationToken cancellation)
    {
        var status = await StatusAtStartAsync(cancellation);
        var pastDue = monitor is not null && status.Next <= Now;
        if (((TimerTriggerAttribute)function.Trigger).RunOnStartup || pastDue)
            status = await FireAsync(status, Now, pastDue, cancellation);
        while (status.Next < DateTime.MaxValue.AddDays(-2))
        {
            for (var wait = status.Next - Now; wait > TimeSpan.Zero; wait = status.Next - Now)
                await Task.Delay(wait < longestWait ? wait : longestWait, clock, cancellation);
            // A clock that fires early must not fire again for the same time: the scheduled time counts as now.
            status = await FireAsync(status, status.Next > Now ? status.Next : Now, pastDue: false, cancellation);
        }
        log.LogWarning("The schedule of {Function} has no further time", function.Name);
    }

    /// <summary>A run outside the schedule, asked for by an administrator.</summary>
    public Task RunOnceAsync(CancellationToken cancellation) => InvokeAsync(new TimerArrival(new TimerInfo()), cancellation);

    private async Task<ScheduleStatus> StatusAtStartAsync(CancellationToken cancellation)
    {
        var recorded = monitor is null ? null : await monitor.ReadAsync(cancellation);
        if (recorded is not null && NextAfter(recorded.LastUpdated) == recorded.Next)
            return recorded;
        var status = new ScheduleStatus { Last = recorded?.Last ?? default, Next = NextAfter(Now), LastUpdated = Now };
        if (monitor is not null)
            await monitor.WriteAsync(status, cancellation); // first start ever, or the schedule's text changed: nothing is past due
        return status;
    }

    private async Task<ScheduleStatus> FireAsync(ScheduleStatus status, DateTime time, bool pastDue, CancellationToken cancellation)
    {
        var info = new TimerInfo { ScheduleStatus = monitor is null ? null : status, IsPastDue = pastDue };
        await InvokeWithRetriesAsync(info, cancellation);
        var now = Now > time ? Now : time;
        var after = new ScheduleStatus { Last = now, Next = NextAfter(now), LastUpdated = now };
        try
        {
            if (monitor is not null)
                await monitor.WriteAsync(after, cancellation);
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            log.LogWarning("The status of timer {Function} could not be written: {Reason}", function.Name, e.Message);
        }
        return after;
    }

    private async Task InvokeWithRetriesAsync(TimerInfo info, CancellationToken cancellation)
    {
        var retry = function.Retry;
        for (var attempt = 0; ; attempt++)
            try
            {
                await InvokeAsync(new TimerArrival(info) { Retry = (attempt, retry?.MaxRetryCount ?? 0) }, cancellation);
                return;
            }
            catch (Exception e) when (!cancellation.IsCancellationRequested)
            {
                log.LogError(e, "Timer function {Function} failed (attempt {Attempt})", function.Name, attempt + 1);
                if (retry is null || retry.MaxRetryCount >= 0 && attempt >= retry.MaxRetryCount)
                    return;
                await Task.Delay(RetryDelays.Before(retry, attempt), clock, cancellation);
            }
    }

    private async Task InvokeAsync(TimerArrival arrival, CancellationToken cancellation)
    {
        await oneAtATime.WaitAsync(cancellation);
        try
        {
            await invoker.InvokeAsync(function, arrival, cancellation);
        }
        finally
        {
            oneAtATime.Release();
        }
    }

    private DateTime NextAfter(DateTime utc) => schedule.Next(utc) ?? DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc);
}
