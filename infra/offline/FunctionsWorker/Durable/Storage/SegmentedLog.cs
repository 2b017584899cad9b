using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>
/// The log: append blobs <c>segment-0000000001</c>, ... of which one at a time is written, by the process that made it.
/// <para>
/// Every append carries the position it must land on. To take over, a process reads the newest segment to its end and appends a seal
/// there, under the same condition; from then on any append of the old writer misses its position and fails (412), whatever its lease
/// says and however late it wakes. Only a sealed segment may be followed by a new one, which is created only if it does not exist. So two
/// processes cannot both write, and breaking a dead process's lease early is safe.
/// </para>
/// <para>A segment begins with a snapshot, so reading one segment is enough and older ones are deleted: the log stays short.</para>
/// </summary>
internal sealed partial class SegmentedLog(BlobContainerClient container, string owner, ILogger logger, int rollAfterBlocks = 4_000)
{
    /// <summary>The service takes 50,000 blocks a blob.</summary>
    private const int MaxBlocks = 40_000;

    private const long RollAfterBytes = 64 * 1024 * 1024;

    private const string Prefix = "segment-";

    private readonly StoreOutage outage = new(logger);
    private int number, blocks;
    private long position, snapshotEnd;
    private AppendBlobClient segment = null!;

    /// <summary>
    /// A segment is rolled when reading it back takes long, but not before it holds twice its snapshot: so all snapshots together cost
    /// no more than what was logged, however large the state.
    /// </summary>
    public bool IsLong => blocks >= MaxBlocks
        || ((blocks >= rollAfterBlocks || position >= RollAfterBytes) && position >= 3 * snapshotEnd);

    /// <summary>Makes the next segment, beginning with the snapshot, and deletes older ones. False: another process was first.</summary>
    public async Task<bool> BeginSegmentAsync(IEnumerable<LogRecord> snapshot, CancellationToken cancellation)
    {
        var next = Segment(number + 1);
        if (!await outage.WaitOutAsync("A segment of the durable log", () => TryCreateAsync(next, cancellation), cancellation)) return false;
        (segment, number, position, blocks) = (next, number + 1, 0, 0);
        LogRecord[] ends = [new SnapshotEnded()];
        await AppendAllAsync(snapshot.Prepend(new SegmentBegan(owner, DateTimeOffset.UtcNow)).Concat(ends), cancellation);
        snapshotEnd = position;
        await outage.WaitOutAsync("An end of old segments of the durable log", () => DeleteOldAsync(cancellation), cancellation);
        return true;
    }

    private async Task<bool> TryCreateAsync(AppendBlobClient next, CancellationToken cancellation)
    {
        try
        {
            await next.CreateAsync(new AppendBlobCreateOptions
            {
                Conditions = new AppendBlobRequestConditions { IfNoneMatch = ETag.All },
                Metadata = new Dictionary<string, string> { ["owner"] = owner },
            }, cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // Ours after all if only the first answer was lost and the request was sent again.
            var properties = await next.GetPropertiesAsync(cancellationToken: cancellation);
            return properties.Value.Metadata.TryGetValue("owner", out var maker) && maker == owner;
        }
    }

    private async Task<bool> DeleteOldAsync(CancellationToken cancellation)
    {
        foreach (var old in (await ListAsync(cancellation)).Where(n => n < number))
            await Segment(old).DeleteIfExistsAsync(cancellationToken: cancellation);
        return true;
    }

    /// <summary>Seals the segment and goes on in a new one.</summary>
    /// <exception cref="HubLostException">Another process has taken over.</exception>
    public async Task RollAsync(IEnumerable<LogRecord> snapshot, CancellationToken cancellation)
    {
        await AppendAllAsync([new SegmentSealed(owner, DateTimeOffset.UtcNow)], cancellation);
        if (!await BeginSegmentAsync(snapshot, cancellation)) throw Lost(null);
    }

    /// <summary>Appends one block, all or nothing. Waits out a store that is away; never writes twice.</summary>
    /// <exception cref="HubLostException">Another process has taken over.</exception>
    public async Task AppendAsync(ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        await outage.WaitOutAsync("The durable log", () => AppendOnceAsync(block, cancellation), cancellation);
        position += block.Length;
        blocks++;
    }

    private async Task<bool> AppendOnceAsync(ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        try
        {
            var conditions = new AppendBlobRequestConditions { IfAppendPositionEqual = position };
            await segment.AppendBlockAsync(new MemoryStream(block.ToArray()),
                new AppendBlobAppendBlockOptions { Conditions = conditions }, cancellation);
            return true;
        }
        catch (RequestFailedException e) when (e.Status == 412)
        {
            return await IsThereAsync(block, cancellation) ? true : throw Lost(e);
        }
        catch (RequestFailedException e) when (e.Status is 404 or 409)
        {
            throw Lost(e);
        }
    }

    private async Task AppendAllAsync(IEnumerable<LogRecord> records, CancellationToken cancellation)
    {
        var block = new MemoryStream();
        foreach (var line in records.SelectMany(RecordLines.Encode))
        {
            if (block.Length + line.Length > RecordLines.MaxBlock) await Flush();
            block.Write(line);
        }
        await Flush();

        async Task Flush()
        {
            await AppendAsync(block.ToArray(), cancellation);
            block.SetLength(0);
        }
    }

    // After a lost answer the client library sends the block again and finds the position taken: by itself, if the bytes are
    // the same, since a segment has one writer.
    private async Task<bool> IsThereAsync(ReadOnlyMemory<byte> block, CancellationToken cancellation)
    {
        var content = await ReadAsync(segment, position, cancellation);
        return content.AsSpan().SequenceEqual(block.Span);
    }

    private static async Task<byte[]> ReadAsync(AppendBlobClient blob, long from, CancellationToken cancellation)
    {
        var length = (await blob.GetPropertiesAsync(cancellationToken: cancellation)).Value.ContentLength;
        if (length <= from) return [];
        var content = await blob.DownloadContentAsync(new BlobDownloadOptions { Range = new HttpRange(from, length - from) }, cancellation);
        return content.Value.Content.ToArray();
    }

    private async Task<List<int>> ListAsync(CancellationToken cancellation)
    {
        var numbers = new List<int>();
        await foreach (var blob in container.GetBlobsAsync(prefix: Prefix, cancellationToken: cancellation))
            numbers.Add(int.Parse(blob.Name.AsSpan(Prefix.Length)));
        return numbers; // listed in name order
    }

    private AppendBlobClient Segment(int n) => container.GetAppendBlobClient($"{Prefix}{n:D10}");

    private HubLostException Lost(Exception? inner) => new(
        $"Another process has taken over the durable hub in '{container.Name}' (or its blobs were deleted); "
        + "this one has stopped running orchestrations.", inner);
}
