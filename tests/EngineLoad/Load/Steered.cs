using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>Orchestrations that are suspended and resumed, terminated, or rewound from outside; the custom status says when.</summary>
public static class Steered
{
    public const string Held = "LoadHeld", Endless = "LoadEndless", Gated = "LoadGated";

    /// <summary>Works on after `go`, which comes while it is suspended.</summary>
    [Function(Held)]
    public static async Task<string> RunHeld([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var text = await context.CallActivityAsync<string>(Activities.Digest, "held");
        context.SetCustomStatus("ready");
        var word = await context.WaitForExternalEvent<string>("go");
        await context.CreateTimer(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        return await context.CallActivityAsync<string>(Activities.Slow, text + word);
    }

    /// <summary>Never ends by itself.</summary>
    [Function(Endless)]
    public static async Task<string> RunEndless([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        await context.CallActivityAsync<string>(Activities.Digest, "endless");
        context.SetCustomStatus("waiting");
        return await context.WaitForExternalEvent<string>("never");
    }

    /// <summary>Fails at a closed gate; what was done before that is not done again after a rewind.</summary>
    [Function(Gated)]
    public static async Task<string> RunGated([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var before = await context.CallActivityAsync<string>(Activities.Digest, "before the gate");
        return await context.CallActivityAsync<string>(Activities.Gate, before);
    }
}
