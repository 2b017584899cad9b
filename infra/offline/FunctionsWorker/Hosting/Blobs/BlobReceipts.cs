using System.Text;
using System.Text.Json;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Which (blob, ETag) of one container have been announced. An append blob a generation (`…/{container}/000001`), one JSON line a receipt,
/// many receipts an append. A new generation holds the living receipts only; a line `null` says that its copy is whole.
/// </summary>
internal sealed class BlobReceipts(BlobContainerClient store, string prefix, int compactAfterAppends = 20_000)
{
    private const int BlockBytes = 1 << 20;
    private readonly Dictionary<string, string> announced = [];
    private int generation;
    private int appends;

    public bool Has(string name, string etag) => announced.TryGetValue(name, out var known) && known == etag;

    public async Task LoadAsync(CancellationToken cancellation)
    {
        generation = 0; // an earlier try may have broken off
        await store.CreateIfNotExistsAsync(cancellationToken: cancellation);
        var generations = new List<string>();
        await foreach (var blob in store.GetBlobsAsync(prefix: $"{prefix}/", cancellationToken: cancellation))
            generations.Add(blob.Name);
        foreach (var name in generations.Order().Reverse())
        {
            if (generation == 0 && await TryReadAsync(name, cancellation))
                generation = int.Parse(name[(prefix.Length + 1)..]);
            else
                await store.GetBlobClient(name).DeleteIfExistsAsync(cancellationToken: cancellation);
        }
        if (generation == 0)
            await StartGenerationAsync(1, cancellation);
    }

    /// <summary>Remembers these as announced; durable when it returns.</summary>
    public async Task AddAsync(IReadOnlyCollection<(string Name, string ETag)> receipts, CancellationToken cancellation)
    {
        await AppendAsync(receipts, cancellation);
        foreach (var (name, etag) in receipts)
            announced[name] = etag;
    }

    /// <summary>Drops receipts of blobs that are gone when the log has grown long.</summary>
    public async Task CompactAsync(IReadOnlySet<string> living, CancellationToken cancellation)
    {
        if (appends < compactAfterAppends)
            return;
        foreach (var gone in announced.Keys.Where(name => !living.Contains(name)).ToArray())
            announced.Remove(gone);
        var old = generation;
        await StartGenerationAsync(generation + 1, cancellation);
        await Blob(old).DeleteIfExistsAsync(cancellationToken: cancellation);
    }

    private async Task StartGenerationAsync(int number, CancellationToken cancellation)
    {
        generation = number;
        appends = 0;
        await Blob(number).CreateAsync(cancellationToken: cancellation);
        await AppendAsync([.. announced.Select(r => (r.Key, r.Value))], cancellation);
        await AppendLinesAsync("null\n", cancellation);
    }

    private async Task<bool> TryReadAsync(string name, CancellationToken cancellation)
    {
        announced.Clear();
        var whole = false;
        using var lines = new StreamReader(await store.GetBlobClient(name).OpenReadAsync(cancellationToken: cancellation));
        while (await lines.ReadLineAsync(cancellation) is { } line)
        {
            if (JsonSerializer.Deserialize<string[]>(line) is [var etag, var blob])
                announced[blob] = etag;
            else
                whole = true;
            appends++;
        }
        if (!whole)
            announced.Clear();
        return whole;
    }

    private async Task AppendAsync(IEnumerable<(string Name, string ETag)> receipts, CancellationToken cancellation)
    {
        var lines = new StringBuilder();
        foreach (var (name, etag) in receipts)
        {
            lines.Append(JsonSerializer.Serialize(new[] { etag, name })).Append('\n');
            if (lines.Length < BlockBytes)
                continue;
            await AppendLinesAsync(lines.ToString(), cancellation);
            lines.Clear();
        }
        if (lines.Length > 0)
            await AppendLinesAsync(lines.ToString(), cancellation);
    }

    private async Task AppendLinesAsync(string lines, CancellationToken cancellation)
    {
        await Blob(generation).AppendBlockAsync(new MemoryStream(Encoding.UTF8.GetBytes(lines)), cancellationToken: cancellation);
        appends++;
    }

    private AppendBlobClient Blob(int number) => store.GetAppendBlobClient($"{prefix}/{number:D6}");
}
