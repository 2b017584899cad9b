using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>The two plain shapes: one activity after the other, and many at once in windows.</summary>
public static class ChainAndFanOut
{
    public const string Chain = "LoadChain", FanOut = "LoadFanOut";

    /// <summary>Each activity works on the result of the one before.</summary>
    [Function(Chain)]
    public static async Task<string> RunChain([OrchestrationTrigger] TaskOrchestrationContext context, int length)
    {
        var text = "seed";
        for (var i = 0; i < length; i++)
        {
            text = await context.CallActivityAsync<string>(i % 2 == 0 ? Activities.Slow : Activities.Digest, text);
            context.SetCustomStatus(i + 1);
        }
        return text;
    }

    public sealed record Fan(int Count, int Window);

    [Function(FanOut)]
    public static async Task<string> RunFanOut([OrchestrationTrigger] TaskOrchestrationContext context, Fan fan)
    {
        var digests = new List<string>();
        while (digests.Count < fan.Count)
        {
            var window = Enumerable.Range(digests.Count, Math.Min(fan.Window, fan.Count - digests.Count));
            digests.AddRange(await Task.WhenAll(window.Select(i =>
                context.CallActivityAsync<string>(i % 5 == 0 ? Activities.Slow : Activities.Digest, $"part {i}"))));
        }
        return RunLog.Digest(string.Join(',', digests));
    }
}
