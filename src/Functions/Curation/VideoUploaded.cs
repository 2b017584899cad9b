using Azure.Storage.Blobs;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>Where everything begins: a blob lands in `videos`.</summary>
public sealed class VideoUploaded(CurationStarter starter)
{
    [Function(nameof(VideoUploaded))]
    public async Task Run(
        [BlobTrigger(Containers.Videos + "/{name}", Source = BlobTriggerSource.EventGrid)] BlobClient blob,
        string name,
        [DurableClient] DurableTaskClient client,
        CancellationToken cancellation)
    {
        if (CurationStarter.IsSidecar(name))
            return;
        var properties = await blob.GetPropertiesAsync(cancellationToken: cancellation);
        await starter.StartAsync(client, CurationStarter.UploadOf(name, properties.Value.ETag), cancellation);
    }
}
