using System.Text.Json;
using Azure;
using Azure.Storage.Queues;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>Takes announced blobs out of the inbox and runs their functions; after the last failed attempt the message is poison.</summary>
internal sealed class BlobDelivery(
    IReadOnlyList<BlobFunction> functions, StorageConnections storage, FunctionInvoker invoker, ILogger<BlobDelivery> log)
{
    public const string PoisonQueue = "webjobs-blobtrigger-poison";

    public async Task DeliverAsync(QueueArrival arrival, CancellationToken cancellation)
    {
        var message = Read(arrival);
        if (Find(message) is not { } function)
        {
            log.LogWarning("Dropped the blob {Container}/{Blob}: there is no function {Function} any more",
                message.ContainerName, message.BlobName, message.FunctionId);
            return;
        }
        var blob = storage.Blobs(function.Connection).GetBlobContainerClient(message.ContainerName).GetBlobClient(message.BlobName);
        if (function.Path.Match(message.BlobName) is not { } names || await CurrentETagAsync(blob, cancellation) is not { } etag)
        {
            log.LogInformation("Dropped the blob {Container}/{Blob}: it is gone", message.ContainerName, message.BlobName);
            return;
        }
        if (function.ChecksETag && message.ETag.Length > 0 && etag != message.ETag)
            return; // a newer version is there; the notifier announces that one
        var withPath = new Dictionary<string, object?>(names, StringComparer.OrdinalIgnoreCase)
        {
            ["blobTrigger"] = $"{message.ContainerName}/{message.BlobName}",
            ["uri"] = blob.Uri,
        };
        await invoker.InvokeAsync(function.Function, new BlobArrival(blob) { Names = withPath }, cancellation);
    }

    /// <summary>The poison message goes to the account of the blob, where its owner looks.</summary>
    public async Task PoisonAsync(QueueArrival arrival, CancellationToken cancellation)
    {
        var message = Read(arrival);
        var queue = storage.Queues(Find(message)?.Connection).GetQueueClient(PoisonQueue);
        await queue.CreateIfNotExistsAsync(cancellationToken: cancellation);
        await queue.SendMessageAsync(QueueBody.Encode(JsonSerializer.SerializeToUtf8Bytes(message)), cancellation);
        log.LogError("Function {Function} failed on every attempt for {Container}/{Blob}; the message is now in queue {Queue}",
            message.FunctionId, message.ContainerName, message.BlobName, PoisonQueue);
    }

    private BlobFunction? Find(BlobMessage message) => functions.FirstOrDefault(f => f.Function.HostName == message.FunctionId);

    private static BlobMessage Read(QueueArrival arrival) => arrival.Body.ToObjectFromJson<BlobMessage>()!;

    private static async Task<string?> CurrentETagAsync(Azure.Storage.Blobs.BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            return (await blob.GetPropertiesAsync(cancellationToken: cancellation)).Value.ETag.ToString().Trim('"');
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }
}
