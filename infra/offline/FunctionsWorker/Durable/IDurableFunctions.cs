using Microsoft.DurableTask;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>What the engine needs of the app: its orchestrators and activities by name.</summary>
internal interface IDurableFunctions
{
    bool HasActivity(string name);

    bool HasOrchestrator(string name);

    /// <summary>Invokes the orchestration method and returns its result; its input comes from <c>context.GetInput&lt;T&gt;()</c>.</summary>
    Task<object?> RunOrchestratorAsync(string name, TaskOrchestrationContext context);

    /// <summary>Invokes an activity. Input and result are plain JSON; the user's own exception comes through as it is.</summary>
    Task<string?> RunActivityAsync(string name, string instanceId, string? inputJson, CancellationToken cancellation);
}

/// <summary>The durableTask section of host.json: the hub's name and how many activities and episodes may run at a time.</summary>
internal sealed record DurableSettings(string HubName, int MaxConcurrentActivities, int MaxConcurrentOrchestrators);
