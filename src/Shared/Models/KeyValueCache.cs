using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;

namespace Tpo.Shared.Models;

/// <summary>
/// Keys and values of one video and of the questions behind it: per layer two buffers [1, kv, capacity, h] that the decoder writes in place.
/// Rewinding keeps the shared part: the next tokens overwrite what stood behind it.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly CheckpointConfig _config;
    private readonly CacheMemory _memory;

    internal KeyValueCache(CheckpointConfig config, int capacity, CacheMemory memory)
    {
        _config = config;
        _memory = memory;
        Capacity = capacity;
        Buffers = AllocateAll();
    }

    /// <summary>Bytes that a cache of so many tokens takes: 2 · layers · kv · tokens · h numbers.</summary>
    public static long BytesFor(CheckpointConfig config, int tokens, ServingType type = ServingType.F32) =>
        2L * config.Layers * config.KeyValueHeads * tokens * config.HeadSize * (type == ServingType.F32 ? sizeof(float) : sizeof(ushort));

    public int Capacity { get; private set; }
    /// <summary>Rows written: trunk and branches.</summary>
    public int Length => Tree.Rows;
    public long Bytes => BytesFor(_config, Capacity, _memory.Type);

    internal SequenceTree Tree { get; } = new();
    /// <summary>Keys of all layers, then values of all layers.</summary>
    internal OrtValue[] Buffers { get; }

    /// <summary>Forgets all branches, and everything behind the first `length` tokens.</summary>
    public void Rewind(int length) => Tree.Rewind(length);

    /// <summary>Makes room for so many rows in all; what is written stays. False where it lies on a GPU: nothing copies it there.</summary>
    /// <remarks>A cache that throws here is of no use any more: some of its buffers are longer than others.</remarks>
    public bool TryEnsureCapacity(int capacity)
    {
        if (capacity <= Capacity)
            return true;
        if (_memory.OnDevice)
            return false;
        var (used, from, to) = (Length * _config.HeadSize, Capacity * _config.HeadSize, capacity * _config.HeadSize);
        // Layer by layer, so that only one of them is there twice.
        for (var i = 0; i < Buffers.Length; i++)
        {
            var larger = Allocate(capacity);
            var source = MemoryMarshal.Cast<byte, float>(Buffers[i].GetTensorMutableRawData());
            var target = MemoryMarshal.Cast<byte, float>(larger.GetTensorMutableRawData());
            for (var head = 0; head < _config.KeyValueHeads; head++)
                source.Slice(head * from, used).CopyTo(target[(head * to)..]);
            Buffers[i].Dispose();
            Buffers[i] = larger;
        }
        Capacity = capacity;
        return true;
    }

    public void Dispose()
    {
        foreach (var buffer in Buffers)
            buffer.Dispose();
    }

    private OrtValue[] AllocateAll()
    {
        var buffers = new OrtValue?[2 * _config.Layers];
        try
        {
            for (var i = 0; i < buffers.Length; i++)
                buffers[i] = Allocate(Capacity);
            return buffers!;
        }
        catch
        {
            foreach (var buffer in buffers)
                buffer?.Dispose();
            throw;
        }
    }

    private OrtValue Allocate(int capacity) => _memory.Allocate([1, _config.KeyValueHeads, capacity, _config.HeadSize]);
}
