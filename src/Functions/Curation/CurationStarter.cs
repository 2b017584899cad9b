using Azure;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>Starts one curation an upload. The instance id is made from blob name and ETag, so the same upload, told twice, starts once.</summary>
public sealed class CurationStarter(ILogger<CurationStarter> log)
{
    private static readonly HashSet<string> Sidecars = new(StringComparer.OrdinalIgnoreCase) { ".srt", ".vtt", ".ass", ".ssa", ".sub", ".idx" };

    /// <summary>Subtitle files lie beside their videos and are no videos.</summary>
    public static bool IsSidecar(string blobName) => Sidecars.Contains(Path.GetExtension(blobName));

    public static Upload UploadOf(string blobName, ETag etag)
    {
        var version = Version(etag);
        return new Upload(blobName, version, $"curate-{PairIds.Hash(blobName, version)}");
    }

    /// <summary>An ETag as records keep it: listings give it bare, headers in quotes.</summary>
    public static string Version(ETag etag) => etag.ToString("G").Trim('"');

    /// <summary>Whether the video was curated without the subtitle file of its name, or with an earlier version of it.</summary>
    public static bool IsNewFor(VideoRecord video, string sidecar, ETag etag) =>
        video.Status == VideoStatus.Curated && video.SubtitlesETag != Version(etag) && Path.ChangeExtension(sidecar, null) == Path.ChangeExtension(video.BlobName, null);

    /// <summary>The curated video once more, now with these subtitles.</summary>
    public static Upload WithSidecar(VideoRecord video, string sidecar, ETag etag) =>
        new(video.BlobName, video.ETag, $"curate-{PairIds.Hash(video.BlobName, video.ETag, sidecar, Version(etag))}");

    /// <summary>The paused upload under a new instance; told twice, it goes on once, since the id is made from when it paused.</summary>
    public static Upload Resumed(VideoRecord paused) =>
        new(paused.BlobName, paused.ETag, $"curate-{PairIds.Hash(paused.BlobName, paused.ETag, $"{paused.UpdatedAt:O}")}");

    /// <summary>True where this call started it.</summary>
    public async Task<bool> StartAsync(DurableTaskClient client, Upload upload, CancellationToken cancellation)
    {
        if (await client.GetInstanceAsync(upload.InstanceId, cancellation) is not null)
        {
            log.LogInformation("'{Blob}' is curated by {Instance} already", upload.BlobName, upload.InstanceId);
            return false;
        }
        await client.ScheduleNewOrchestrationInstanceAsync(
            nameof(CurateVideo), upload, new StartOrchestrationOptions(upload.InstanceId), cancellation);
        return true;
    }
}
