using System.Runtime.InteropServices;
using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>Fresh weights for training from scratch: the same seed gives the same bytes on every machine and libtorch.</summary>
public static class Initialisation
{
    /// <summary>
    /// Norms to one, biases to zero, everything else from N(0, σ²), where the matrices that write into the residual stream are scaled down
    /// by sqrt(2 · layers), as GPT-2 does.
    /// </summary>
    public static void Initialise(LlavaQwenForCausalLM model, int seed, double deviation = 0.02)
    {
        CheckpointConfig config = model.Config;
        using var frozen = no_grad();
        foreach ((string name, Parameter parameter) in model.named_parameters().OrderBy(entry => entry.name, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            int layers = name.Contains(".vision_tower.", StringComparison.Ordinal) ? config.Vision.Layers : config.Layers;
            parameter.copy_(Fresh(name, parameter.shape, new Random(HashCode(seed, name)), deviation, layers));
        }
    }

    private static Tensor Fresh(string name, long[] shape, Random random, double deviation, int layers)
    {
        if (name.EndsWith(".bias", StringComparison.Ordinal))
            return zeros(shape);
        if (name.Contains("norm", StringComparison.Ordinal))
            return ones(shape);
        bool intoResidual = name.EndsWith("o_proj.weight", StringComparison.Ordinal) || name.EndsWith("out_proj.weight", StringComparison.Ordinal)
            || name.EndsWith("down_proj.weight", StringComparison.Ordinal) || name.EndsWith("fc2.weight", StringComparison.Ordinal);
        double scale = intoResidual ? deviation / Math.Sqrt(2.0 * layers) : deviation;
        float[] values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(scale * Normal(random));
        return tensor(values).reshape(shape);
    }

    /// <summary>Box–Muller: sqrt(−2 ln u) · cos(2πv).</summary>
    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());

    /// <summary>A seed a tensor, independent of the order and of the process (string.GetHashCode is neither).</summary>
    private static int HashCode(int seed, string name) =>
        MemoryMarshal.Read<int>(System.Security.Cryptography.SHA256.HashData(System.Text.Encoding.UTF8.GetBytes($"{seed}:{name}")));
}
