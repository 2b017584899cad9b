using Azure;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>
/// Nothing is lost silently: every few minutes, uploads whose event never came are started, curations that died are closed, paused ones go on where there is
/// room, and videos whose subtitles came while they were curated, or without an event, are curated again.
/// </summary>
public sealed class ReconcileVideos(TpoStorage storage, VideoRecords records, CurationStarter starter, Budget budget)
{
    [Function(nameof(ReconcileVideos))]
    public async Task Run([TimerTrigger("0 */5 * * * *")] TimerInfo timer, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        var known = (await records.ListAsync(cancellation)).ToDictionary(record => record.BlobName, StringComparer.Ordinal);
        var subtitles = new Dictionary<string, (string Name, ETag ETag)>(StringComparer.Ordinal);
        await foreach (var blob in storage.Container(Containers.Videos).GetBlobsAsync(cancellationToken: cancellation))
        {
            if (CurationStarter.IsSidecar(blob.Name))
            {
                // In order of names: of two, the .srt is the one that is read.
                if (VideoFiles.SubtitleEndings.Contains(Path.GetExtension(blob.Name)))
                    subtitles.TryAdd(Path.ChangeExtension(blob.Name, null), (blob.Name, blob.Properties.ETag!.Value));
                continue;
            }
            var upload = CurationStarter.UploadOf(blob.Name, blob.Properties.ETag!.Value);
            var record = known.GetValueOrDefault(blob.Name);
            if (record is null || record.ETag != upload.ETag)
                await starter.StartAsync(client, upload, cancellation);
            else if (record.Status == VideoStatus.Curating)
                await CheckAsync(client, upload with { InstanceId = record.InstanceId }, cancellation);
            else if (record.Status == VideoStatus.Paused)
                await ResumeAsync(client, record, cancellation);
        }
        foreach (var record in known.Values)
        {
            if (subtitles.TryGetValue(Path.ChangeExtension(record.BlobName, null), out var file) && CurationStarter.IsNewFor(record, file.Name, file.ETag))
                await starter.StartAsync(client, CurationStarter.WithSidecar(record, file.Name, file.ETag), cancellation);
        }
    }

    /// <summary>True where it goes on; the new instance takes the record over at its first step.</summary>
    public async Task<bool> ResumeAsync(DurableTaskClient client, VideoRecord paused, CancellationToken cancellation) =>
        await budget.FullAsync(paused.VideoId ?? "", cancellation) is null
        && await starter.StartAsync(client, CurationStarter.Resumed(paused), cancellation);

    private async Task CheckAsync(DurableTaskClient client, Upload upload, CancellationToken cancellation)
    {
        var instance = await client.GetInstanceAsync(upload.InstanceId, cancellation);
        if (instance is null)
            await starter.StartAsync(client, upload, cancellation);
        else if (instance.RuntimeStatus is OrchestrationRuntimeStatus.Failed or OrchestrationRuntimeStatus.Terminated)
            await records.PutAsync(upload, VideoStatus.Failed,
                record => record with
                {
                    Failure = $"Its curation {upload.InstanceId} was {instance.RuntimeStatus.ToString().ToLowerInvariant()}: "
                        + "upload the video again to start another.",
                }, cancellation);
    }
}
