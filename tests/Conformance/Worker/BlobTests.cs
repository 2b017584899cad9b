using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>What the blob tests do by hand.</summary>
internal static class BlobTests
{
    /// <summary>Writes the blob; its ETag, without quotes.</summary>
    public static async Task<string> UploadAsync(string storage, string container, string blob, string text)
    {
        var client = new BlobContainerClient(storage, container);
        await client.CreateIfNotExistsAsync();
        return (await client.GetBlobClient(blob).UploadAsync(BinaryData.FromString(text), overwrite: true)).Value.ETag.ToString().Trim('"');
    }

    /// <summary>An Event Grid delivery of one event.</summary>
    public static object[] Created(string container, string blob, string etag) =>
    [
        new
        {
            eventType = "Microsoft.Storage.BlobCreated",
            subject = $"/blobServices/default/containers/{container}/blobs/{blob}",
            data = new { api = "PutBlob", eTag = etag, blobType = "BlockBlob", url = $"http://anywhere/{container}/{blob}" },
        },
    ];

    public static QueueClient Queue(string storage, string name) =>
        new(storage, name, new QueueClientOptions { MessageEncoding = QueueMessageEncoding.Base64 });

    public static QueueClient Poison(string storage) => Queue(storage, "webjobs-blobtrigger-poison");

    /// <summary>The queue where this host keeps what was announced.</summary>
    public static QueueClient Inbox(string storage) => Queue(storage, "azure-webjobs-blobtrigger-tpo-conformancetests");

    public static async Task<string> WaitForMessageAsync(QueueClient queue)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < deadline; await Task.Delay(50))
            if (await queue.ExistsAsync() && (await queue.ReceiveMessageAsync()).Value is { } message)
                return message.Body.ToString();
        throw new TimeoutException($"No message came into {queue.Name}.");
    }

    public static async Task WaitUntilEmptyAsync(QueueClient queue)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(20); DateTime.UtcNow < deadline; await Task.Delay(50))
            if ((await queue.GetPropertiesAsync()).Value is QueueProperties { ApproximateMessagesCount: 0 })
                return;
        throw new TimeoutException($"{queue.Name} still holds messages.");
    }
}
