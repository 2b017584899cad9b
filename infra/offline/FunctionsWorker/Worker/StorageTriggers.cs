using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;

namespace Microsoft.Azure.Functions.Worker;

/// <summary>How the host learns of new blobs.</summary>
public enum BlobTriggerSource
{
    LogsAndContainerScan = 0,
    EventGrid = 1,
}

/// <summary>Starts the function for every new or changed blob whose path matches `container/pattern/{name}`.</summary>
public sealed class BlobTriggerAttribute(string blobPath) : TriggerBindingAttribute
{
    public string BlobPath { get; } = blobPath;

    /// <summary>Name of the setting that holds the connection string; null = AzureWebJobsStorage.</summary>
    public string? Connection { get; set; }

    public BlobTriggerSource Source { get; set; }
}

/// <summary>Starts the function for every message of a storage queue.</summary>
public sealed class QueueTriggerAttribute(string queueName) : TriggerBindingAttribute
{
    public string QueueName { get; } = queueName;

    /// <summary>Name of the setting that holds the connection string; null = AzureWebJobsStorage.</summary>
    public string? Connection { get; set; }
}
