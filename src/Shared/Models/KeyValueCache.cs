using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;

namespace Tpo.Shared.Models;

/// <summary>
/// Keys and values of one sequence: per layer two buffers [1, kv, capacity, h] that the decoder writes in place, and the rotary tables
/// [capacity, h/2]. Rewinding keeps a shared prefix: the next tokens overwrite what stood behind it.
/// </summary>
public sealed class KeyValueCache : IDisposable
{
    internal KeyValueCache(CheckpointConfig config, int capacity)
    {
        Capacity = capacity;
        var buffers = new OrtValue[2 * config.Layers];
        for (var i = 0; i < buffers.Length; i++)
            buffers[i] = OrtValue.CreateAllocatedTensorValue(OrtAllocator.DefaultInstance, TensorElementType.Float,
                [1, config.KeyValueHeads, capacity, config.HeadSize]);
        Buffers = buffers;
        (Cosines, Sines) = Rotary(config.RopeTheta, config.HeadSize, capacity);
    }

    public int Capacity { get; }
    public int Length { get; private set; }

    /// <summary>Keys of all layers, then values of all layers.</summary>
    internal IReadOnlyList<OrtValue> Buffers { get; }
    internal OrtValue Cosines { get; }
    internal OrtValue Sines { get; }

    internal void Grow(int tokens) => Length += tokens;

    /// <summary>Forgets everything behind the first `length` tokens.</summary>
    public void Rewind(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        Length = length;
    }

    public void Dispose()
    {
        foreach (var buffer in Buffers)
            buffer.Dispose();
        Cosines.Dispose();
        Sines.Dispose();
    }

    /// <summary>cos and sin of p·θ^(−2i/h) for positions p and i &lt; h/2.</summary>
    private static (OrtValue Cosines, OrtValue Sines) Rotary(double theta, int headSize, int positions)
    {
        var half = headSize / 2;
        var cosines = new float[positions * half];
        var sines = new float[positions * half];
        for (var i = 0; i < half; i++)
        {
            var frequency = Math.Pow(theta, -2.0 * i / headSize);
            for (var position = 0; position < positions; position++)
            {
                var (sine, cosine) = Math.SinCos(position * frequency);
                cosines[position * half + i] = (float)cosine;
                sines[position * half + i] = (float)sine;
            }
        }
        long[] shape = [positions, half];
        return (OrtValue.CreateTensorValueFromMemory(cosines, shape), OrtValue.CreateTensorValueFromMemory(sines, shape));
    }
}
