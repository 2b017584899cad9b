using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>
/// Two orchestrations that send each other numbered events under one name. Sending is part of the episode, so each must come exactly once
/// and in order: at the end both listen on for a while, and nothing more may come.
/// </summary>
public static class PingPong
{
    public const string Name = "LoadPingPong";

    /// <param name="Other">The other side, which must be there already.</param>
    public sealed record Side(string Other, int Balls, bool Serves);

    [Function(Name)]
    public static async Task<string> Run([OrchestrationTrigger] TaskOrchestrationContext context, Side side)
    {
        var seen = new List<int>();
        for (var ball = 1; ball <= side.Balls; ball++)
        {
            if (side.Serves) context.SendEvent(side.Other, "ball", ball);
            seen.Add(await context.WaitForExternalEvent<int>("ball"));
            if (!side.Serves) context.SendEvent(side.Other, "ball", seen[^1]);
        }
        try
        {
            seen.Add(await context.WaitForExternalEvent<int>("ball", TimeSpan.FromMilliseconds(200)));
        }
        catch (TaskCanceledException) { } // as it should be
        return string.Join(',', seen);
    }
}
