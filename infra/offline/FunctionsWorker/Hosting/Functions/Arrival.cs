using Azure.Storage.Blobs;
using Azure.Storage.Queues.Models;
using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>What started a call, and the names it brings.</summary>
internal abstract record Arrival
{
    public IReadOnlyDictionary<string, object?> Names { get; init; } = new Dictionary<string, object?>();

    /// <summary>Retries made before this call, and how many there may be.</summary>
    public (int Count, int Max) Retry { get; init; }
}

internal sealed record HttpArrival(HttpContext Http) : Arrival;

internal sealed record BlobArrival(BlobClient Blob) : Arrival;

internal sealed record QueueArrival(QueueMessage Message, BinaryData Body) : Arrival;

internal sealed record TimerArrival(TimerInfo Info) : Arrival;

internal sealed record OrchestrationArrival(TaskOrchestrationContext Orchestration) : Arrival;

internal sealed record ActivityArrival(string InstanceId, string? InputJson) : Arrival;
