using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>Durable timers, one after the other and at once; none may be early. One is cancelled and must hold nothing.</summary>
public static class Timers
{
    public const string Name = "LoadTimers";

    [Function(Name)]
    public static async Task<string> Run([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        using var never = new CancellationTokenSource();
        var cancelled = context.CreateTimer(TimeSpan.FromDays(1), never.Token);
        var early = 0;
        for (var i = 1; i <= 3; i++) early += await IsEarlyAsync(context, 30 * i);
        early += (await Task.WhenAll(Enumerable.Range(1, 5).Select(i => IsEarlyAsync(context, 25 * i)))).Sum();
        never.Cancel(); // not CancelAsync: that would be a task of somebody else
        try
        {
            await cancelled;
            return "a cancelled timer fired";
        }
        catch (TaskCanceledException)
        {
            return $"8 timers, {early} early";
        }
    }

    private static async Task<int> IsEarlyAsync(TaskOrchestrationContext context, int milliseconds)
    {
        var due = context.CurrentUtcDateTime.AddMilliseconds(milliseconds);
        await context.CreateTimer(due, CancellationToken.None);
        return context.CurrentUtcDateTime < due ? 1 : 0;
    }
}
