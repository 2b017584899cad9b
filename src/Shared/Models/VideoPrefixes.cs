using System.Buffers.Binary;
using System.Security.Cryptography;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>A video whose keys and values are at hand: the first SharedTokens of its cache are system prompt and frames.</summary>
internal sealed record VideoPrefix(string Key, KeyValueCache Cache, int SharedTokens);

/// <summary>
/// The videos that a model remembers, known by their pixels. Their caches together take at most the budget; the one that was used longest
/// ago goes first.
/// </summary>
internal sealed class VideoPrefixes(CheckpointConfig config, ServingType type, long budget) : IDisposable
{
    private readonly LinkedList<VideoPrefix> _newestFirst = new();
    private readonly Lock _gate = new();

    /// <summary>Rows that the whole budget can hold.</summary>
    public int MostTokens => (int)Math.Min(int.MaxValue, budget / BytesFor(1));
    public long BytesFor(int rows) => KeyValueCache.BytesFor(config, rows, type);
    /// <summary>How many videos are kept, and what they take; may be asked while another thread computes.</summary>
    public (int Count, long Bytes) Kept
    {
        get
        {
            lock (_gate)
                return (_newestFirst.Count, _newestFirst.Sum(prefix => prefix.Cache.Bytes));
        }
    }

    public static string KeyOf(IEnumerable<RgbFrame> frames)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> size = stackalloc byte[8];
        foreach (var frame in frames)
        {
            BinaryPrimitives.WriteInt32LittleEndian(size, frame.Width);
            BinaryPrimitives.WriteInt32LittleEndian(size[4..], frame.Height);
            hash.AppendData(size);
            hash.AppendData(frame.Rgb);
        }
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>The remembered video with nothing behind it and room for so many rows in all; null where it is not remembered, or has no such room.</summary>
    public VideoPrefix? Find(string key, int rows)
    {
        if (_newestFirst.FirstOrDefault(prefix => prefix.Key == key) is not { } found)
            return null;
        lock (_gate)
            _newestFirst.Remove(found);
        found.Cache.Rewind(found.SharedTokens);
        if (rows > found.Cache.Capacity)
            MakeRoom(rows);
        var fits = false;
        try
        {
            fits = found.Cache.TryEnsureCapacity(rows);
        }
        finally
        {
            if (!fits)
                found.Cache.Dispose();
        }
        if (!fits)
            return null;
        return Keep(found);
    }

    /// <summary>Forgets videos until a cache of so many rows fits into the budget.</summary>
    public void MakeRoom(int rows)
    {
        while (_newestFirst.Last is { } oldest && Kept.Bytes + BytesFor(rows) > budget)
        {
            lock (_gate)
                _newestFirst.RemoveLast();
            oldest.Value.Cache.Dispose();
        }
    }

    public VideoPrefix Keep(VideoPrefix prefix)
    {
        lock (_gate)
            return _newestFirst.AddFirst(prefix).Value;
    }

    public void Dispose()
    {
        foreach (var prefix in _newestFirst)
            prefix.Cache.Dispose();
        _newestFirst.Clear();
    }
}
