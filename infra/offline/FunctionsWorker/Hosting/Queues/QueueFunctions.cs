using Azure.Storage.Queues;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>One listener for each queue function; poison goes to `{queue}-poison`.</summary>
internal sealed class QueueFunctions(
    FunctionTable table, StorageConnections storage, FunctionInvoker invoker, HostJson hostJson, IConfiguration settings, ILogger<QueueFunctions> log)
{
    public IEnumerable<QueueListener> Listeners() => table.With<QueueTriggerAttribute>().Select(item => Listener(item.Function, item.Trigger));

    private QueueListener Listener(LocalFunction function, QueueTriggerAttribute trigger)
    {
        var name = SettingText.Expand(trigger.QueueName, settings, $"the queue of function '{function.Name}'");
        var queues = storage.Queues(trigger.Connection);
        var reading = new QueueReading(
            hostJson.QueueBatchSize + hostJson.QueueNewBatchThreshold, hostJson.QueueBatchSize, hostJson.QueueMaxDequeueCount, hostJson.QueueBase64,
            hostJson.QueueVisibilityTimeout, hostJson.QueueMaxPollingInterval);
        return new QueueListener(
            queues.GetQueueClient(name), reading,
            (arrival, cancellation) => invoker.InvokeAsync(function, arrival, cancellation),
            (arrival, cancellation) => PoisonAsync(queues.GetQueueClient($"{name}-poison"), arrival, cancellation),
            new SemaphoreSlim(0), log);
    }

    private static async Task PoisonAsync(QueueClient queue, QueueArrival arrival, CancellationToken cancellation)
    {
        await queue.CreateIfNotExistsAsync(cancellationToken: cancellation);
        await queue.SendMessageAsync(arrival.Message.Body, cancellationToken: cancellation);
    }
}
