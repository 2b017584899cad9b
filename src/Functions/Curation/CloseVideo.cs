using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>
/// The end of a video that cannot be curated: its record says why, and nothing tries again until it is uploaded anew. Or of one that may cost no more
/// for now: <see cref="ReconcileVideos"/> goes on with it once there is room.
/// </summary>
public sealed class CloseVideo(VideoRecords records)
{
    [Function(nameof(CloseVideo))]
    public async Task<VideoStatus> Run([ActivityTrigger] ClosedUpload closed, CancellationToken cancellation)
    {
        var known = await records.FindAsync(closed.Upload.BlobName, cancellation);
        var same = known?.ETag == closed.Upload.ETag;
        await records.PutAsync(closed.Upload, closed.Status, record => record with
        {
            Failure = closed.Sentence,
            VideoId = same ? known!.VideoId : null,
            DurationSeconds = same ? known!.DurationSeconds : null,
        }, cancellation);
        return closed.Status;
    }
}
