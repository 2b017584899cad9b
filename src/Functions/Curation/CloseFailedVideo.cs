using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>The end of a video that cannot be curated: its record says why, and nothing tries again until it is uploaded anew.</summary>
public sealed class CloseFailedVideo(VideoRecords records)
{
    [Function(nameof(CloseFailedVideo))]
    public Task<VideoStatus> Run([ActivityTrigger] ClosedUpload failed, CancellationToken cancellation) =>
        records.CloseAsync(failed, VideoStatus.Failed, cancellation);
}
