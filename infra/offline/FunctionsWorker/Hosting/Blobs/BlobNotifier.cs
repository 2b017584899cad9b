using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Plays Event Grid over one container of Azurite: lists it about every second (less often where listing is slow, so that listing takes at
/// most a tenth of the time) and announces every (blob, ETag) it has no receipt of. The receipt is written after the message is durable:
/// nothing is lost by a crash, and only a crash between the two can announce twice.
/// </summary>
internal sealed class BlobNotifier(
    BlobContainerClient container, IReadOnlyList<BlobFunction> functions, BlobInbox inbox, BlobReceipts receipts, ILogger<BlobNotifier> log)
{
    private const int Group = 64;
    private static readonly TimeSpan shortestPause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var loaded = false;
        var failing = false;
        while (!cancellation.IsCancellationRequested)
        {
            var listing = TimeSpan.Zero;
            try
            {
                if (!loaded)
                    await receipts.LoadAsync(cancellation);
                loaded = true;
                listing = await SweepAsync(cancellation);
                failing = false;
            }
            catch (Exception e) when (e is not OperationCanceledException || !cancellation.IsCancellationRequested)
            {
                if (!failing)
                    log.LogWarning("Cannot watch the container {Container} now, trying on: {Reason}", container.Name, e.Message);
                failing = true;
            }
            await Task.Delay(PauseAfter(listing), cancellation);
        }
    }

    /// <summary>Nine times the listing's own time, at least a second.</summary>
    public static TimeSpan PauseAfter(TimeSpan listing) => listing * 9 > shortestPause ? listing * 9 : shortestPause;

    /// <summary>Lists once, announces what is new, and returns the time the listing took.</summary>
    public async Task<TimeSpan> SweepAsync(CancellationToken cancellation)
    {
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
