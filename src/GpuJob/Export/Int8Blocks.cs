using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>
/// Weights in eight bits, 32 numbers to a scale, as ONNX Runtime's MatMulNBits reads them:
/// <code>s = max|w| / 127 over the block,  q = round(w / s) + 128,  w ≈ (q − 128) · s</code>
/// </summary>
public static class Int8Blocks
{
    public const int Size = WeightSizes.Int8Block;
    private const int Zero = 128, Largest = 127;

    /// <summary>[n · 32] → a scale for each block [n]; 0 for a block of zeros.</summary>
    public static float[] Scales(ReadOnlySpan<float> weights)
    {
        var scales = new float[weights.Length / Size];
        for (var block = 0; block < scales.Length; block++)
        {
            var largest = 0f;
            foreach (var weight in weights.Slice(block * Size, Size))
                largest = Math.Max(largest, Math.Abs(weight));
            scales[block] = largest / Largest;
        }
        return scales;
    }

    /// <summary>[n · 32] → [n · 32]</summary>
    public static byte[] Values(ReadOnlySpan<float> weights)
    {
        var scales = Scales(weights);
        var values = new byte[weights.Length];
        for (var i = 0; i < values.Length; i++)
        {
            var scale = scales[i / Size];
            values[i] = (byte)(Zero + (scale == 0 ? 0 : Math.Clamp((int)MathF.Round(weights[i] / scale), -Largest, Largest)));
        }
        return values;
    }

    /// <summary>Names of the two tensors that stand for a weight.</summary>
    public static string ValuesOf(string weight) => $"{weight}.int8";
    public static string ScalesOf(string weight) => $"{weight}.int8_scales";
}
