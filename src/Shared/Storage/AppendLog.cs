using System.Collections.Concurrent;
using System.Text;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;

namespace Tpo.Shared.Storage;

/// <summary>
/// Logs of lines that any number of processes append to. An append blob takes 50,000 blocks at most, so a log goes on in `NAME.0001`, `NAME.0002`, … Whether a
/// part is full is decided by storage, by the part's size before the append: no process ever writes into a part that another has left, and lines stay in order.
/// </summary>
/// <param name="mostBytes">a part is full with more: some thousand lines (the emulator cannot read a blob of 45,000 blocks back)</param>
public sealed class AppendLog(TpoStorage storage, string container, long mostBytes = AppendLog.MostBytes)
{
    public const long MostBytes = 512 << 10;

    /// <summary>Of each log, the first part that was not full when last heard of.</summary>
    private readonly ConcurrentDictionary<string, int> _parts = new(StringComparer.Ordinal);

    /// <summary>Durable when it returns; the block is whole or absent.</summary>
    public async Task AppendAsync(string name, byte[] lines, CancellationToken cancellation = default)
    {
        var conditions = new AppendBlobRequestConditions { IfMaxSizeLessThanOrEqual = mostBytes + lines.Length };
        while (true)
        {
            var part = _parts.GetValueOrDefault(name);
            var blob = storage.Container(container).GetAppendBlobClient(PartName(name, part));
            try
            {
                using var block = new MemoryStream(lines);
                await blob.AppendBlockAsync(block, new AppendBlobAppendBlockOptions { Conditions = conditions }, cancellation);
                return;
            }
            catch (RequestFailedException missing) when (missing.ErrorCode == BlobErrorCode.BlobNotFound)
            {
                await blob.CreateIfNotExistsAsync(cancellationToken: cancellation);
            }
            catch (RequestFailedException full) when (full.Status == 412)
            {
                _parts.TryUpdate(name, part + 1, part);
                _parts.TryAdd(name, 1);
            }
        }
    }

    /// <summary>All lines, oldest first; none where the log does not exist.</summary>
    public async Task<IReadOnlyList<string>> ReadAsync(string name, CancellationToken cancellation = default)
    {
        var lines = new List<string>();
        for (var part = 0; await storage.TryReadTextAsync(container, PartName(name, part), cancellation) is { } text; part++)
        {
            lines.AddRange(text.Split('\n', StringSplitOptions.RemoveEmptyEntries));
            if (Encoding.UTF8.GetByteCount(text) <= mostBytes)
                break;
        }
        return lines;
    }

    private static string PartName(string name, int part) => part == 0 ? name : $"{name}.{part:0000}";
}
