using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Tpo.Shared.Models;

/// <summary>
/// Keys and values of one video and of the questions behind it: per layer two buffers [1, kv, capacity, h] that the decoder writes in place.
/// Rewinding keeps the shared part: the next tokens overwrite what stood behind it.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    private readonly CheckpointConfig _config;

    internal KeyValueCache(CheckpointConfig config, int capacity)
    {
        _config = config;
        Capacity = capacity;
        Buffers = Allocate(capacity);
    }

    /// <summary>Bytes that a cache of so many tokens takes: 2 · layers · kv · tokens · h, in f32.</summary>
    public static long BytesFor(CheckpointConfig config, int tokens) =>
        2L * config.Layers * config.KeyValueHeads * tokens * config.HeadSize * sizeof(float);

    public int Capacity { get; private set; }
    /// <summary>Rows written: trunk and branches.</summary>
    public int Length => Tree.Rows;
    public long Bytes => BytesFor(_config, Capacity);

    internal SequenceTree Tree { get; } = new();
    /// <summary>Keys of all layers, then values of all layers.</summary>
    internal OrtValue[] Buffers { get; private set; }

    /// <summary>Forgets all branches, and everything behind the first `length` tokens.</summary>
    public void Rewind(int length) => Tree.Rewind(length);

    /// <summary>Makes room for so many rows in all; what is written stays.</summary>
    public void EnsureCapacity(int capacity)
    {
        if (capacity <= Capacity)
            return;
        var larger = Allocate(capacity);
        var (used, from, to) = (Length * _config.HeadSize, Capacity * _config.HeadSize, capacity * _config.HeadSize);
        for (var i = 0; i < larger.Length; i++)
        {
            var source = MemoryMarshal.Cast<byte, float>(Buffers[i].GetTensorMutableRawData());
            var target = MemoryMarshal.Cast<byte, float>(larger[i].GetTensorMutableRawData());
            for (var head = 0; head < _config.KeyValueHeads; head++)
                source.Slice(head * from, used).CopyTo(target[(head * to)..]);
            Buffers[i].Dispose();
        }
        (Buffers, Capacity) = (larger, capacity);
    }

    public void Dispose()
    {
        foreach (var buffer in Buffers)
            buffer.Dispose();
    }

    private OrtValue[] Allocate(int capacity)
    {
        var buffers = new OrtValue[2 * _config.Layers];
        for (var i = 0; i < buffers.Length; i++)
            buffers[i] = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float,
                [1, _config.KeyValueHeads, capacity, _config.HeadSize]);
        return buffers;
    }
}
