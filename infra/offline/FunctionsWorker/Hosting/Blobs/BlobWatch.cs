using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Finds what is new in one container: announces every (blob, ETag) it has no receipt of to the functions that watch it. The receipt is written
/// after the message is durable: nothing is lost by a crash, and a crash between the two announces twice (delivery is at least once anyway).
/// </summary>
internal sealed class BlobWatch(BlobContainerClient container, IReadOnlyList<BlobFunction> functions, BlobInbox inbox, BlobReceipts receipts)
{
    private const int Group = 64;
    private bool loaded;

    public string Container => container.Name;

    /// <summary>Lists once, announces what is new, and returns the time the listing took.</summary>
    public async Task<TimeSpan> SweepAsync(CancellationToken cancellation)
    {
        if (!loaded)
            await receipts.LoadAsync(cancellation);
        loaded = true;
        var started = Stopwatch.GetTimestamp();
        var living = new HashSet<string>();
        var fresh = new List<BlobEvent>();
        try
        {
            await foreach (var blob in container.GetBlobsAsync(cancellationToken: cancellation))
            {
                living.Add(blob.Name);
                var etag = blob.Properties.ETag?.ToString().Trim('"') ?? "";
                if (!receipts.Has(blob.Name, etag))
                    fresh.Add(new BlobEvent(container.Name, blob.Name, etag, $"{blob.Properties.BlobType}Blob"));
            }
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            // the container is not made yet
        }
        var listing = Stopwatch.GetElapsedTime(started);
        foreach (var group in fresh.Chunk(Group))
        {
            await Task.WhenAll(group.SelectMany(blob => functions.Select(f => inbox.AcceptAsync(f, blob, cancellation))));
            await receipts.AddAsync([.. group.Select(blob => (blob.Name, blob.ETag))], cancellation);
        }
        await receipts.CompactAsync(living, cancellation);
        return listing;
    }
}
