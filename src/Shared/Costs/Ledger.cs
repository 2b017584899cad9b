using System.Text;
using System.Text.Json;
using Azure;
using Azure.Storage.Blobs.Models;
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
/// Every unit of work, a line each, in a log a day (UTC). A line is written before the work is stored: what is reused has none, and what was done
/// twice, because a process died between or two raced, was paid for twice and has two. Nothing that was paid is missing.
/// </summary>
public sealed class Ledger(TpoStorage storage, TimeProvider time)
{
    private const string Folder = "costs/";
    private readonly AppendLog _log = new(storage, Containers.Catalog);
    private readonly SemaphoreSlim _reading = new(1);
    private readonly Dictionary<string, long> _read = [];
    private readonly Dictionary<DateOnly, decimal> _byDay = [];
    private readonly Dictionary<string, decimal> _byVideo = new(StringComparer.Ordinal);

    public DateOnly Today => DateOnly.FromDateTime(time.GetUtcNow().UtcDateTime);

    public async Task AddAsync(CostStage stage, string videoId, string work, Cost cost, long bytes, decimal money, CancellationToken cancellation)
    {
        var line = JsonSerializer.SerializeToUtf8Bytes(new LedgerLine(time.GetUtcNow(), stage, videoId, work, cost, bytes, money), TpoJson.Options);
        await _log.AppendAsync($"{Folder}{Today:yyyy-MM-dd}.jsonl", [.. line, (byte)'\n'], cancellation);
    }

    /// <summary>All lines of all days, oldest first.</summary>
    public async Task<IReadOnlyList<LedgerLine>> AllAsync(CancellationToken cancellation)
    {
        var lines = new List<LedgerLine>();
        foreach (var part in await storage.ListAsync(Containers.Catalog, Folder, cancellation))
            lines.AddRange(await storage.ReadJsonLinesAsync<LedgerLine>(Containers.Catalog, part, cancellation));
        return lines;
    }

    /// <summary>What today and this video have cost by now, over all processes' lines; only what was appended since the last call is read.</summary>
    public async Task<(decimal Today, decimal ByVideo)> SpentAsync(string videoId, CancellationToken cancellation)
    {
        await _reading.WaitAsync(cancellation);
        try
        {
            await foreach (var part in storage.Container(Containers.Catalog).GetBlobsAsync(prefix: Folder, cancellationToken: cancellation))
            {
                var from = _read.GetValueOrDefault(part.Name);
                if (part.Properties.ContentLength is { } length && length > from)
                    _read[part.Name] = from + await AddUpAsync(part.Name, new HttpRange(from, length - from), cancellation);
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
