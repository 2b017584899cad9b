using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Offline.FunctionsWorker.Durable;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>The app's orchestrators and activities as the durable engine calls them: through the same middleware as every function.</summary>
internal sealed class DurableFunctions(FunctionTable table, FunctionInvoker invoker, WorkerSerializer serializer) : IDurableFunctions
{
    public bool HasActivity(string name) => table.Find(name)?.Trigger is ActivityTriggerAttribute;

    public bool HasOrchestrator(string name) => table.Find(name)?.Trigger is OrchestrationTriggerAttribute;

    public Task<object?> RunOrchestratorAsync(string name, TaskOrchestrationContext context)
    {
        var arrival = new OrchestrationArrival(context) { Names = InstanceId(context.InstanceId) };
        return invoker.InvokeAsync(Find<OrchestrationTriggerAttribute>(name, "orchestrator"), arrival, CancellationToken.None);
    }

    public async Task<string?> RunActivityAsync(string name, string instanceId, string? inputJson, CancellationToken cancellation)
    {
        var arrival = new ActivityArrival(instanceId, inputJson) { Names = InstanceId(instanceId) };
        return serializer.Serialize(await invoker.InvokeAsync(Find<ActivityTriggerAttribute>(name, "activity"), arrival, cancellation));
    }

    private LocalFunction Find<T>(string name, string kind) =>
        table.Find(name) is { Trigger: T } function ? function : throw new InvalidOperationException($"The app has no {kind} function '{name}'.");

    private static Dictionary<string, object?> InstanceId(string id) => new(StringComparer.OrdinalIgnoreCase) { ["instanceId"] = id };
}
