using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>What all decoder layers share in one forward pass.</summary>
/// <param name="Cos">[B, 1, T, h]</param>
/// <param name="Sin">[B, 1, T, h]</param>
/// <param name="Attend">query, key, value [B, H, T, h] → mixed values [B, H, T, h]: who may look at whom</param>
public sealed record AttentionContext(Tensor Cos, Tensor Sin, Func<Tensor, Tensor, Tensor, Tensor> Attend);

/// <summary>Rotary position embedding in the "rotate half" layout of the published Qwen2 checkpoints.</summary>
public static class Rotary
{
    /// <summary>cos and sin of p · θ^(−2i/h), i = 0 … h/2 − 1, the half table written twice. positions [B, T] → two of [B, 1, T, h]</summary>
    public static (Tensor Cos, Tensor Sin) Tables(Tensor positions, int headSize, double theta)
    {
        using var scope = NewDisposeScope();
        float[] frequencies = [.. Enumerable.Range(0, headSize / 2).Select(i => (float)(1 / Math.Pow(theta, 2.0 * i / headSize)))];
        Tensor inverse = tensor(frequencies).to(positions.device);
        Tensor half = positions.to_type(ScalarType.Float32).unsqueeze(-1) * inverse;
        Tensor angles = cat(new Tensor[] { half, half }, -1).unsqueeze(1);
        return (angles.cos().MoveToOuterDisposeScope(), angles.sin().MoveToOuterDisposeScope());
    }

    /// <summary>x · cos + rotate(x) · sin with rotate([a, b]) = [−b, a] over the halves of the last axis. [B, H, T, h] → the same</summary>
    public static Tensor Apply(Tensor x, Tensor cos, Tensor sin)
    {
        using var scope = NewDisposeScope();
        long half = x.shape[^1] / 2;
        Tensor rotated = cat(new Tensor[] { -x.narrow(-1, half, half), x.narrow(-1, 0, half) }, -1);
        return (x * cos + rotated * sin).MoveToOuterDisposeScope();
    }
}
