using System.Text.Json;
using Azure;
using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>A timer's memory: `azure-webjobs-hosts/timers/{hostId}/Host.Functions.{name}/status`, times in UTC.</summary>
internal sealed class TimerMonitor(BlobContainerClient container, string hostId, LocalFunction function)
{
    private readonly BlobClient blob = container.GetBlobClient($"timers/{hostId}/{function.HostName}/status");

    /// <summary>The recorded status; null at the first start ever, or where the record cannot be read.</summary>
    public async Task<ScheduleStatus?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            var status = (await blob.DownloadContentAsync(cancellation)).Value.Content.ToObjectFromJson<ScheduleStatus>()!;
            return new ScheduleStatus { Last = Utc(status.Last), Next = Utc(status.Next), LastUpdated = Utc(status.LastUpdated) };
        }
        catch (Exception e) when (e is RequestFailedException { Status: 404 } or JsonException)
        {
            return null;
        }
    }

    public async Task WriteAsync(ScheduleStatus status, CancellationToken cancellation)
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellation);
        await blob.UploadAsync(BinaryData.FromObjectAsJson(status), overwrite: true, cancellation);
    }

    private static DateTime Utc(DateTime time) => time.Kind == DateTimeKind.Unspecified ? DateTime.SpecifyKind(time, DateTimeKind.Utc) : time.ToUniversalTime();
}
