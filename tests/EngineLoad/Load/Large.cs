using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>A large result that becomes a large input: above 4 MiB each is a record that takes several blocks of the log.</summary>
public static class Large
{
    public const string Name = "LoadLarge";

    [Function(Name)]
    public static async Task<string> Run([OrchestrationTrigger] TaskOrchestrationContext context, int length)
    {
        var text = await context.CallActivityAsync<string>(Activities.Text, length);
        return await context.CallActivityAsync<string>(Activities.Digest, text);
    }
}
