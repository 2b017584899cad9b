using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Azure.Functions.Worker;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>Downloads, hashes and probes an upload. The first name of the same bytes owns their curation; every later one becomes its duplicate.</summary>
public sealed class ProbeVideo(TpoStorage storage, VideoFiles files, VideoRecords records, VideoProbe probe)
{
    [Function(nameof(ProbeVideo))]
    public Task<ProbedVideo> Run([ActivityTrigger] Upload upload, CancellationToken cancellation) => Stage.GuardedAsync(async () =>
    {
        await records.PutAsync(upload, VideoStatus.Curating, null, cancellation);
        var video = await ProbeAsync(upload.BlobName, cancellation);
        var owner = await ClaimAsync(video.VideoId, upload.BlobName, cancellation);
        if (owner == upload.BlobName)
            await storage.WriteJsonAsync(Containers.Curation, CurationBlobs.Asset(video.VideoId), video, cancellation);
        var duplicateOf = owner == upload.BlobName ? null : owner;
        await records.PutAsync(upload, duplicateOf is null ? VideoStatus.Curating : VideoStatus.Duplicate,
            record => record with { VideoId = video.VideoId, DurationSeconds = video.DurationSeconds, DuplicateOf = duplicateOf }, cancellation);
        return new ProbedVideo { VideoId = video.VideoId, DuplicateOf = duplicateOf };
    });

    private async Task<VideoAsset> ProbeAsync(string blobName, CancellationToken cancellation)
    {
        var file = await files.DownloadAsync(blobName, cancellation);
        try
        {
            var video = await probe.ProbeAsync(file, blobName, await files.SubtitleOfAsync(blobName, cancellation), cancellation);
            files.Keep(file, video.VideoId);
            return video;
        }
        finally
        {
            File.Delete(file);
        }
    }

    /// <summary>The name that owns these bytes: this one where nobody else does, or where the owner is gone, failed, or holds other bytes by now.</summary>
    private async Task<string> ClaimAsync(string videoId, string blobName, CancellationToken cancellation)
    {
        var claim = storage.Container(Containers.Curation).GetBlobClient(CurationBlobs.Owner(videoId));
        while (true)
        {
            try
            {
                await claim.UploadAsync(
                    BinaryData.FromObjectAsJson(new Owner(blobName), TpoJson.Options),
                    new BlobUploadOptions { Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All } }, cancellation);
                return blobName;
            }
            catch (RequestFailedException taken) when (taken.Status is 409 or 412)
            {
                if (await storage.TryReadJsonAsync<Owner>(Containers.Curation, CurationBlobs.Owner(videoId), cancellation) is not { } owner)
                    continue;
                if (owner.BlobName == blobName || await StillOwnsAsync(owner.BlobName, videoId, cancellation))
                    return owner.BlobName;
                await claim.DeleteIfExistsAsync(cancellationToken: cancellation);
            }
        }
    }

    private async Task<bool> StillOwnsAsync(string owner, string videoId, CancellationToken cancellation)
    {
        var record = await records.FindAsync(owner, cancellation);
        return record is { Status: not VideoStatus.Failed } && (record.VideoId ?? videoId) == videoId
            && await storage.ExistsAsync(Containers.Videos, owner, cancellation);
    }

    private sealed record Owner(string BlobName);
}
