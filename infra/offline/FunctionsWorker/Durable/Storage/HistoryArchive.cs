using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>Where the history of a finished execution lies.</summary>
internal sealed record HistoryPlace(string Blob, long Offset, int Length);

internal sealed record HistoryMove(string Id, string Execution, HistoryPlace Place);

/// <summary>
/// Histories of finished executions, which only readers need: when they have become many they move from memory and snapshot into a blob of
/// their own (<c>history-…</c>, lines as in the log), so both stay about as small as what still runs. A blob goes when no instance points
/// to it any more.
/// </summary>
internal sealed class HistoryArchive(BlobContainerClient container, ILogger logger)
{
    private const string Prefix = "history-";

    private readonly StoreOutage outage = new(logger);

    /// <summary>Writes the histories into a new blob and says where each lies.</summary>
    public async Task<IReadOnlyList<HistoryMove>> WriteAsync(IEnumerable<HistoryKept> histories, CancellationToken cancellation)
    {
        var moves = new List<HistoryMove>();
        var blob = container.GetAppendBlobClient(Prefix + Guid.NewGuid().ToString("N"));
        await outage.WaitOutAsync("An archive of histories", () => blob.CreateAsync(cancellationToken: cancellation), cancellation);
        var block = new MemoryStream();
        var position = 0L;
        foreach (var history in histories)
        {
            var begin = position;
            foreach (var line in HistoryKept.PartsOf(history.Id, history.Execution, history.Episodes).SelectMany(RecordLines.Encode))
            {
                if (block.Length + line.Length > RecordLines.MaxBlock) await Flush();
                block.Write(line);
                position += line.Length;
            }
            moves.Add(new(history.Id, history.Execution, new HistoryPlace(blob.Name, begin, (int)(position - begin))));
        }
        await Flush();
        return moves;

        async Task Flush()
        {
            // Nobody else writes this blob: a place that is taken was taken by this very block, whose first answer was lost.
            var options = new AppendBlobAppendBlockOptions { Conditions = new() { IfAppendPositionEqual = position - block.Length } };
            try
            {
                await outage.WaitOutAsync("An archive of histories",
                    () => blob.AppendBlockAsync(new MemoryStream(block.ToArray()), options, cancellation), cancellation);
            }
            catch (RequestFailedException e) when (e.Status == 412) { }
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
            return RecordLines.Decode(content.Value.Content.ToArray(), place.Blob).OfType<HistoryKept>()
                .SelectMany(part => part.Episodes).ToArray();
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }

    /// <summary>
    /// Deletes the blobs that no instance points to: all their instances were purged, or their writer died before it said so. It looks at a
    /// snapshot that is durable, not at memory, which may be ahead: a purge that a kill undoes must not have cost the history.
    /// </summary>
    public async Task DeleteUnusedAsync(IEnumerable<LogRecord> snapshot, CancellationToken cancellation)
    {
        HashSet<string> used = [.. snapshot.OfType<InstanceKept>().Select(kept => kept.Archived?.Blob).OfType<string>()];
        await outage.WaitOutAsync("An end of unused archives", async () =>
        {
            await foreach (var blob in container.GetBlobsAsync(prefix: Prefix, cancellationToken: cancellation))
                if (!used.Contains(blob.Name)) await container.DeleteBlobIfExistsAsync(blob.Name, cancellationToken: cancellation);
            return true;
        }, cancellation);
    }
}
