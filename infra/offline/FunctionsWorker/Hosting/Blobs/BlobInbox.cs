using System.Text.Json;
using Azure;
using Azure.Storage.Queues;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>One version of one blob, as Event Grid announces it.</summary>
/// <param name="ETag">Without quotes: Event Grid and listings have none, response headers do.</param>
internal sealed record BlobEvent(string Container, string Name, string ETag, string BlobType);

/// <summary>The internal message, and the poison message too: which function is to see which version of which blob.</summary>
internal sealed record BlobMessage(string FunctionId, string BlobType, string ContainerName, string BlobName, string ETag);

/// <summary>A blob function with its parsed path.</summary>
internal sealed record BlobFunction(LocalFunction Function, BlobPath Path, string Connection, bool ChecksETag);

/// <summary>
/// The host's own queue of announced blobs (`azure-webjobs-blobtrigger-{hostId}`): what is in it survives a crash and is delivered at least once.
/// </summary>
internal sealed class BlobInbox(QueueServiceClient queues, string hostId)
{
    private readonly SemaphoreSlim arrived = new(0);

    public QueueClient Queue { get; } = queues.GetQueueClient($"azure-webjobs-blobtrigger-{hostId}");

    /// <summary>Set whenever this process has put a message in, so that its listener need not wait for the next poll.</summary>
    public SemaphoreSlim Arrived => arrived;

    /// <summary>Puts the event in the queue if the function's path matches it. When this returns, the message is durable.</summary>
    public async Task<bool> AcceptAsync(BlobFunction function, BlobEvent blob, CancellationToken cancellation)
    {
        if (blob.Container != function.Path.Container || function.Path.Match(blob.Name) is null)
            return false;
        var message = new BlobMessage(function.Function.HostName, blob.BlobType, blob.Container, blob.Name, blob.ETag);
        await SendAsync(QueueBody.Encode(JsonSerializer.SerializeToUtf8Bytes(message)), cancellation);
        if (arrived.CurrentCount == 0)
            arrived.Release();
        return true;
    }
    private async Task SendAsync(string text, CancellationToken cancellation)
    {
        try
        {
            await Queue.SendMessageAsync(text, cancellation);
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            await Queue.CreateIfNotExistsAsync(cancellationToken: cancellation);
            await Queue.SendMessageAsync(text, cancellation);
        }
    }
}
