using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>What all decoder layers share in one forward pass.</summary>
/// <param name="Cos">[B, 1, T, h]</param>
/// <param name="Sin">[B, 1, T, h]</param>
/// <param name="Attend">query [B, H, R, h], key and value [B, K, T, h] → mixed values [B, H, R, h]: who may look at whom</param>
/// <param name="Thrifty">whether what is cheap to make again is not kept for the way back</param>
/// <param name="From">the first row whose output is wanted: R = T − From. Rows before it are only looked at.</param>
public sealed record AttentionContext(Tensor Cos, Tensor Sin, Func<Tensor, Tensor, Tensor, Tensor> Attend, bool Thrifty = false, long From = 0)
{
    /// <summary>The rows from there on, of a tensor that has T of them in one of its dimensions.</summary>
    public Tensor Asked(Tensor all, int dim) => From == 0 ? all : all.narrow(dim, From, all.shape[dim] - From);
}

/// <summary>Rotary position embedding in the "rotate half" layout of the published Qwen2 checkpoints.</summary>
public static class Rotary
{
    /// <summary>
    /// cos and sin of p · θ^(−2i/h), i = 0 … h/2 − 1, the half table written twice; computed in f32 at least. positions [B, T] → two of [B, 1, T, h]
    /// </summary>
    /// <param name="type">of the tables, that of the states they turn</param>
    public static (Tensor Cos, Tensor Sin) Tables(Tensor positions, int headSize, double theta, ScalarType type)
    {
        using var scope = NewDisposeScope();
        ScalarType computed = type == ScalarType.Float64 ? type : ScalarType.Float32;
        double[] frequencies = [.. Enumerable.Range(0, headSize / 2).Select(i => 1 / Math.Pow(theta, 2.0 * i / headSize))];
        Tensor inverse = tensor(frequencies).to_type(computed).to(positions.device);
        Tensor half = positions.to_type(computed).unsqueeze(-1) * inverse;
        Tensor angles = cat(new Tensor[] { half, half }, -1).unsqueeze(1);
        return (angles.cos().to_type(type).MoveToOuterDisposeScope(), angles.sin().to_type(type).MoveToOuterDisposeScope());
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
