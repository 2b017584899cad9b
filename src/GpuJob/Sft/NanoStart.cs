using System.Security.Cryptography;
using System.Text;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// First weights of a model this small: matrices from N(0, 0.5 / fan-in), so that signals keep their size through narrow layers
/// (the usual 0.02 suits widths of thousands), those that write into the residual stream smaller by √(2 · layers), patch positions
/// strong enough to be noticed beside the pixels, and words as strong as what the projector writes, so that layers do not drown them.
/// </summary>
public static class NanoStart
{
    private const double EmbeddingDeviation = 0.5, PositionDeviation = 0.3;

    /// <summary>The same seed gives the same bytes on every machine.</summary>
    public static void Fill(LlavaQwenForCausalLM model, uint seed)
    {
        using var frozen = no_grad();
        foreach ((string name, Parameter parameter) in model.named_parameters().OrderBy(entry => entry.name, StringComparer.Ordinal))
        {
            using var scope = NewDisposeScope();
            var seedOfName = BitConverter.ToUInt64(SHA256.HashData(Encoding.UTF8.GetBytes($"{seed}:{name}")));
            parameter.copy_(First(name, parameter.shape, new WorldRandom(seedOfName), model.Config));
        }
    }

    private static Tensor First(string name, long[] shape, WorldRandom random, CheckpointConfig config)
    {
        if (name.EndsWith(".bias", StringComparison.Ordinal))
            return zeros(shape);
        if (name.Contains("norm", StringComparison.Ordinal))
            return ones(shape);
        var deviation = Deviation(name, shape, config);
        var values = new float[shape.Aggregate(1L, (product, size) => product * size)];
        for (var i = 0; i < values.Length; i++)
            values[i] = (float)(deviation * Normal(random));
        return tensor(values).reshape(shape);
    }

    private static double Deviation(string name, long[] shape, CheckpointConfig config)
    {
        bool Ends(params string[] endings) => endings.Any(ending => name.EndsWith(ending, StringComparison.Ordinal));
        if (Ends("position_embedding.weight"))
            return PositionDeviation;
        if (Ends("embed_tokens.weight", "image_newline"))
            return EmbeddingDeviation;
        var spread = Math.Sqrt(0.5 / shape[1..].Aggregate(1L, (product, size) => product * size));
        var layers = name.Contains("vision_tower", StringComparison.Ordinal) ? config.Vision.Layers : config.Layers;
        return Ends("o_proj.weight", "out_proj.weight", "down_proj.weight", "fc2.weight") ? spread / Math.Sqrt(2.0 * layers) : spread;
    }

    /// <summary>Box–Muller: √(−2 ln u) · cos(2πv).</summary>
    private static double Normal(WorldRandom random) => Math.Sqrt(-2 * Math.Log(1 - random.Unit())) * Math.Cos(Math.Tau * random.Unit());
}
