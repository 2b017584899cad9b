using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>Where the history of a finished execution lies.</summary>
internal sealed record HistoryPlace(string Blob, long Offset, int Length);

/// <summary>
/// Histories of finished executions, which only readers need: at a roll they move from memory and snapshot into a blob of their own
/// (<c>history-…</c>, lines as in the log), so both stay as small as what still runs. A blob goes when no instance points to it any more.
/// </summary>
internal sealed class HistoryArchive(BlobContainerClient container)
{
    private const string Prefix = "history-";

    /// <summary>Moves the finished histories out of a snapshot, which then points to them; returns the places by (instance, execution).</summary>
    public async Task<IReadOnlyDictionary<(string Id, string Execution), HistoryPlace>> MoveFinishedAsync(
        LogRecord[] snapshot, CancellationToken cancellation)
    {
        var places = new Dictionary<(string, string), HistoryPlace>();
        var blob = container.GetAppendBlobClient(Prefix + Guid.NewGuid().ToString("N"));
        var block = new MemoryStream();
        var position = 0L;
        for (var i = 0; i < snapshot.Length; i++)
        {
            if (snapshot[i] is not InstanceKept { IsFinished: true, History.Count: > 0 } kept) continue;
            var lines = RecordLines.Encode(new HistoryKept(kept.Id, kept.Execution, kept.History));
            var place = new HistoryPlace(blob.Name, position, lines.Sum(line => line.Length));
            foreach (var line in lines)
            {
                if (block.Length + line.Length > RecordLines.MaxBlock) await Flush();
                block.Write(line);
            }
            position += place.Length;
            places.Add((kept.Id, kept.Execution), place);
            snapshot[i] = kept with { History = [], Archived = place };
        }
        await Flush();
        return places;

        async Task Flush()
        {
            if (block.Length == 0) return;
            await blob.CreateIfNotExistsAsync(cancellationToken: cancellation);
            await blob.AppendBlockAsync(new MemoryStream(block.ToArray()), cancellationToken: cancellation);
            block.SetLength(0);
        }
    }

    /// <summary>The history at that place; null if the instance has been purged since.</summary>
    public async Task<IReadOnlyList<Episode>?> ReadAsync(HistoryPlace place, CancellationToken cancellation)
    {
        try
        {
            var range = new BlobDownloadOptions { Range = new HttpRange(place.Offset, place.Length) };
            var content = await container.GetBlobClient(place.Blob).DownloadContentAsync(range, cancellation);
            return RecordLines.Decode(content.Value.Content.ToArray(), place.Blob).OfType<HistoryKept>().Single().Episodes;
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>Deletes the blobs that no instance points to: all their instances were purged, or their writer died before its snapshot.</summary>
    public async Task DeleteUnusedAsync(HubState hub, CancellationToken cancellation)
    {
        HashSet<string> used;
        lock (hub.Sync) used = [.. hub.Instances.Values.Select(i => i.Archived?.Blob).OfType<string>()];
        await foreach (var blob in container.GetBlobsAsync(prefix: Prefix, cancellationToken: cancellation))
            if (!used.Contains(blob.Name)) await container.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellation);
    }
}
