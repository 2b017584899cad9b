using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>The catalog's line of every upload.</summary>
public sealed class VideoRecords(Catalog catalog, TimeProvider time)
{
    public Task<VideoRecord?> FindAsync(string blobName, CancellationToken cancellation) =>
        catalog.FindAsync<VideoRecord>(Catalog.Videos, blobName, cancellation);

    public Task<IReadOnlyList<VideoRecord>> ListAsync(CancellationToken cancellation) =>
        catalog.ListAsync<VideoRecord>(Catalog.Videos, cancellation);

    /// <summary>Nothing goes on with the upload, for good or for now; what is known of this version of it stays.</summary>
    public async Task<VideoStatus> CloseAsync(ClosedUpload closed, VideoStatus status, CancellationToken cancellation)
    {
        var known = await FindAsync(closed.Upload.BlobName, cancellation);
        var same = known?.ETag == closed.Upload.ETag;
        await PutAsync(closed.Upload, status, record => record with
        {
            Failure = closed.Sentence,
            VideoId = same ? known!.VideoId : null,
            DurationSeconds = same ? known!.DurationSeconds : null,
        }, cancellation);
        return status;
    }

    /// <summary>Writes the upload's record anew: its status, and what `details` adds.</summary>
    public Task PutAsync(Upload upload, VideoStatus status, Func<VideoRecord, VideoRecord>? details, CancellationToken cancellation)
    {
        var record = new VideoRecord
        {
            BlobName = upload.BlobName, ETag = upload.ETag, InstanceId = upload.InstanceId, Status = status, UpdatedAt = time.GetUtcNow(),
        };
        return catalog.PutAsync(Catalog.Videos, upload.BlobName, details?.Invoke(record) ?? record, cancellation);
    }
}
