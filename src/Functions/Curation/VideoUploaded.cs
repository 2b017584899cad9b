using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>Where everything begins: a blob lands in `videos`.</summary>
public sealed class VideoUploaded(CurationStarter starter, VideoRecords records)
{
    [Function(nameof(VideoUploaded))]
    public async Task Run(
        [BlobTrigger(Containers.Videos + "/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob,
        string name,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation)
    {
        var properties = await blob.GetPropertiesAsync(cancellationToken: cancellation);
        if (CurationStarter.IsSidecar(name))
        {
            // Subtitles that arrive after their video: its curation begins anew, and what does not depend on them is reused.
            foreach (var video in (await records.ListAsync(cancellation)).Where(record => CurationStarter.IsNewFor(record, name, properties.Value.ETag)))
                await starter.StartAsync(client, CurationStarter.WithSidecar(video, name, properties.Value.ETag), cancellation);
            return;
        }
        await starter.StartAsync(client, CurationStarter.UploadOf(name, properties.Value.ETag), cancellation);
    }
}
