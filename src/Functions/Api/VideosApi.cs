using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Functions.Curation;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Api;

/// <summary>One video with everything its curation left: under which names it lies, its segments, its funnel.</summary>
public sealed record VideoDetail(
    VideoRecord Record, IReadOnlyList<string> Names, VideoAsset? Asset, IReadOnlyList<PlannedSegment>? Segments, CurationManifest? Manifest);

/// <summary>`/api/videos`: every upload and what became of it.</summary>
public sealed class VideosApi(TpoStorage storage, VideoRecords records)
{
    [Function("ListVideos")]
    [Description("Lists uploads, newest first: curating, curated, duplicate or failed (with the sentence that says why).")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "videos")] HttpRequest http, CancellationToken cancellation) =>
        Page<VideoRecord>.Of([.. (await records.ListAsync(cancellation)).Reverse()], http);

    [Function("GetVideo")]
    [Description("One video, by its id (the SHA-256 of its bytes) or its URL-encoded blob name: segments, manifest and funnel.")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "videos/{*id}")] HttpRequest http, string id, CancellationToken cancellation)
    {
        var name = Uri.UnescapeDataString(id);
        var all = await records.ListAsync(cancellation);
        // Of several names of the same bytes, the one that is curated stands for the id.
        var record = all.FirstOrDefault(known => known.BlobName == name)
            ?? all.Where(known => known.VideoId == name).OrderBy(known => known.DuplicateOf is not null).FirstOrDefault();
        if (record is null)
            return Problems.NotFound($"There is no video '{name}' (GET /api/videos lists them; a fresh upload takes some seconds to appear).");
        if (record.VideoId is not { } videoId)
            return new OkObjectResult(new VideoDetail(record, [record.BlobName], null, null, null));

        var asset = await storage.TryReadJsonAsync<VideoAsset>(Containers.Curation, CurationBlobs.Asset(videoId), cancellation);
        var manifest = await storage.TryReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(videoId), cancellation);
        var plan = manifest is null ? null : await storage.TryReadJsonAsync<CurationPlan>(Containers.Curation, manifest.Plan, cancellation);
        return new OkObjectResult(new VideoDetail(
            record, [.. all.Where(known => known.VideoId == videoId).Select(known => known.BlobName)], asset, plan?.Segments, manifest));
    }
}
