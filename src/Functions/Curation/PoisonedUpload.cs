using System.Text.Json;
using Azure;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Tpo.Shared;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>A blob for which the trigger gave up lands in the host's poison queue; here it becomes the video's `failed` record.</summary>
public sealed class PoisonedUpload(VideoRecords records, ILogger<PoisonedUpload> log)
{
    [Function(nameof(PoisonedUpload))]
    public async Task Run([QueueTrigger("webjobs-blobtrigger-poison")] string message, CancellationToken cancellation)
    {
        var poison = JsonSerializer.Deserialize<PoisonMessage>(message, TpoJson.Options);
        if (poison is not { ContainerName: Containers.Videos, BlobName.Length: > 0 })
        {
            log.LogWarning("A poison message is about no video and is left alone: {Message}", message);
            return;
        }
        var upload = CurationStarter.UploadOf(poison.BlobName, new ETag(poison.ETag ?? ""));
        if ((await records.FindAsync(upload.BlobName, cancellation))?.ETag == upload.ETag)
            return; // its curation did start, and writes its own end
        await records.PutAsync(upload, VideoStatus.Failed,
            record => record with { Failure = "Starting its curation failed five times (the host's log says why): upload the video again." }, cancellation);
    }

    private sealed record PoisonMessage(string? ContainerName, string? BlobName, string? ETag);
}
