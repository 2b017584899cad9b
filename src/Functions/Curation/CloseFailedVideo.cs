using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>The end of a video that cannot be curated: its record says why, and nothing tries again until it is uploaded anew.</summary>
public sealed class CloseFailedVideo(VideoRecords records)
{
    [Function(nameof(CloseFailedVideo))]
    public async Task<VideoStatus> Run([ActivityTrigger] FailedUpload failed, CancellationToken cancellation)
    {
        var known = await records.FindAsync(failed.Upload.BlobName, cancellation);
        await records.PutAsync(failed.Upload, VideoStatus.Failed, record => record with
        {
            Failure = failed.Sentence,
            VideoId = known?.ETag == failed.Upload.ETag ? known.VideoId : null,
            DurationSeconds = known?.ETag == failed.Upload.ETag ? known.DurationSeconds : null,
        }, cancellation);
        return VideoStatus.Failed;
    }
}
