using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>Sub-orchestrations with given and generated ids, at once; one of them fails and its parent catches that.</summary>
public static class Family
{
    public const string Name = "LoadFamily", Child = "LoadChild";

    [Function(Name)]
    public static async Task<string> Run([OrchestrationTrigger] TaskOrchestrationContext context)
    {
        var children = Enumerable.Range(0, 4).Select(i => context.CallSubOrchestratorAsync<string>(Child, i,
            i % 2 == 0 ? new SubOrchestrationOptions(instanceId: $"{context.InstanceId}-child{i}") : null)).ToArray();
        var failing = context.CallSubOrchestratorAsync<string>(Retries.FailingChild, "caught");
        var heard = string.Join(',', await Task.WhenAll(children));
        try
        {
            return heard + await failing;
        }
        catch (TaskFailedException e)
        {
            return $"{heard}; {e.FailureDetails.ErrorType}: {e.FailureDetails.InnerFailure?.ErrorMessage}";
        }
    }

    [Function(Child)]
    public static async Task<string> RunChild([OrchestrationTrigger] TaskOrchestrationContext context, int number)
    {
        var digest = await context.CallActivityAsync<string>(Activities.Slow, $"child {number}");
        await context.CreateTimer(TimeSpan.FromMilliseconds(20), CancellationToken.None);
        return $"{number} of {context.Parent?.Name}: {digest}";
    }
}
