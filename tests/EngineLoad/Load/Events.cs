using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>
/// Events from outside. Each has a name of its own, so that one that had to be raised a second time, since nobody said whether the first
/// was heard, changes no result.
/// </summary>
public static class Events
{
    public const string Collect = "LoadCollect", Rounds = "LoadRounds";

    /// <summary>Waits for <c>e-1</c> to <c>e-n</c>, in whatever order they come, with work in between.</summary>
    [Function(Collect)]
    public static async Task<string> RunCollect([OrchestrationTrigger] TaskOrchestrationContext context, int count)
    {
        var heard = new List<string>();
        for (var i = 1; i <= count; i++)
        {
            heard.Add(await context.WaitForExternalEvent<string>($"e-{i}"));
            await context.CallActivityAsync<string>(Activities.Digest, heard[^1]);
        }
        return string.Join(',', heard);
    }

    public sealed record Round(int Number, int Last, string Heard);

    /// <summary>Starts over after each event; those of later rounds that are there already are carried along unread.</summary>
    [Function(Rounds)]
    public static async Task<string> RunRounds([OrchestrationTrigger] TaskOrchestrationContext context, Round round)
    {
        var heard = round.Heard + await context.WaitForExternalEvent<string>($"t-{round.Number}") + ";";
        heard += await context.CallActivityAsync<string>(Activities.Digest, heard) + ";";
        context.SetCustomStatus(round.Number);
        if (round.Number == round.Last) return heard;
        context.ContinueAsNew(new Round(round.Number + 1, round.Last, heard));
        return "";
    }
}
