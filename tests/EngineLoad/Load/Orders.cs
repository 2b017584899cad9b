using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Tpo.Tests.EngineLoad.Load;

/// <summary>Each message of the queue `orders` is the id of a chain to start. A message may come twice; the chain is started once.</summary>
public static class Orders
{
    [Function("load-order")]
    public static async Task TakeOrder([QueueTrigger("orders")] string id, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        if (await client.GetInstanceAsync(id, cancellation) is null)
            await client.ScheduleNewOrchestrationInstanceAsync(ChainAndFanOut.Chain, 5, new StartOrchestrationOptions(id), cancellation);
    }
}
