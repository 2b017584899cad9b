using System.Text;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Costs;

/// <summary>One unit of work that was done and stored, and what it cost.</summary>
/// <param name="Work">the blob that it made</param>
/// <param name="Bytes">of that blob</param>
public sealed record LedgerLine(DateTimeOffset At, CostStage Stage, string VideoId, string Work, Cost Cost, long Bytes, decimal Money)
{
    public int SchemaVersion { get; init; } = 1;
}

/// <summary>
/// Every unit of work, a line each, in an append blob a day (UTC). A line is written before the work is stored: what is reused has none, and what was done
/// twice, because a process died between or two raced, was paid for twice and has two. Nothing that was paid is missing.
/// </summary>
public sealed class Ledger(TpoStorage storage, TimeProvider time)
{
    private const string Folder = "costs/";
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Dictionary<string, long> _read = [];
    private readonly Dictionary<DateOnly, decimal> _byDay = [];
    private readonly Dictionary<string, decimal> _byVideo = new(StringComparer.Ordinal);

    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    public async Task AddAsync(CostStage stage, string videoId, string work, Cost cost, long bytes, decimal money, CancellationToken cancellation)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(new LedgerLine(time.GetUtcNow(), stage, videoId, work, cost, bytes, money), TpoJson.Options);
        var blob = storage.Container(Containers.Catalog).GetAppendBlobClient($"{Folder}{Today:yyyy-MM-dd}.jsonl");
        await blob.CreateIfNotExistsAsync(cancellationToken: cancellation);
        using var block = new MemoryStream([.. line, (byte)'\n']);
        await blob.AppendBlockAsync(block, cancellationToken: cancellation);
    }

    /// <summary>All lines of all days, oldest first.</summary>
    public async Task<IReadOnlyList<LedgerLine>> AllAsync(CancellationToken cancellation)
    {
        var lines = new List<LedgerLine>();
        foreach (var day in await storage.ListAsync(Containers.Catalog, Folder, cancellation))
            lines.AddRange(await storage.ReadJsonLinesAsync<LedgerLine>(Containers.Catalog, day, cancellation));
        return lines;
    }

    /// <summary>What today and this video have cost by now, over all processes' lines; only what was appended since the last call is read.</summary>
    public async Task<(decimal Today, decimal ByVideo)> SpentAsync(string videoId, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            await foreach (var day in storage.Container(Containers.Catalog).GetBlobsAsync(prefix: Folder, cancellationToken: cancellation))
            {
                var from = _read.GetValueOrDefault(day.Name);
                if (day.Properties.ContentLength is { } length && length > from)
                    _read[day.Name] = from + await AddUpAsync(day.Name, new HttpRange(from, length - from), cancellation);
            }
            return (_byDay.GetValueOrDefault(Today), _byVideo.GetValueOrDefault(videoId));
        }
        finally
        {
            _reading.Release();
        }
    }

    /// <returns>how many bytes of whole lines were read; appends are whole, so that is all of them</returns>
    private async Task<long> AddUpAsync(string blob, HttpRange range, CancellationToken cancellation)
    {
        var response = await storage.Container(Containers.Catalog).GetBlobClient(blob).DownloadContentAsync(new BlobDownloadOptions { Range = range }, cancellation);
        var text = response.Value.Content.ToString();
        foreach (var line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<LedgerLine>(line, TpoJson.Options)!))
        {
            var day = DateOnly.FromDateTime(line.At.UtcDateTime);
            _byDay[day] = _byDay.GetValueOrDefault(day) + line.Money;
            _byVideo[line.VideoId] = _byVideo.GetValueOrDefault(line.VideoId) + line.Money;
        }
        return Encoding.UTF8.GetByteCount(text);
    }
}
