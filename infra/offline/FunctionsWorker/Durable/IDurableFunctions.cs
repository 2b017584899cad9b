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

/// <summary>The durableTask section of host.json, and two bounds of this engine.</summary>
/// <param name="LiveOrchestrations">How many unfinished orchestrators stay in memory between episodes; others are replayed when they go on.
/// With 0 every episode is a replay, as on Azure without extended sessions: slow, and sure to find what is not deterministic.</param>
/// <param name="RollAfterBlocks">How many blocks a log segment takes before it is rolled.</param>
/// <param name="ArchiveAfter">About how many characters of finished histories stay in memory before they are archived.</param>
internal sealed record DurableSettings(string HubName, int MaxConcurrentActivities, int MaxConcurrentOrchestrators,
    int LiveOrchestrations = 1_000, int RollAfterBlocks = 4_000, int ArchiveAfter = 4_000_000,
    bool AnyStateIsOverridable = false);
