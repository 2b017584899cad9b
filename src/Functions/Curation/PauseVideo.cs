using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>A video that may cost no more for now: its record says which cap, and <see cref="ReconcileVideos"/> goes on with it once there is room.</summary>
public sealed class PauseVideo(VideoRecords records)
{
    [Function(nameof(PauseVideo))]
    public Task<VideoStatus> Run([ActivityTrigger] ClosedUpload paused, CancellationToken cancellation) =>
        records.CloseAsync(paused, VideoStatus.Paused, cancellation);
}
