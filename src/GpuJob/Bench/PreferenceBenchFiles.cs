using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Bench;

/// <summary>What both sides of the preference bench start from: a model, an adapter, and numbers that look random and are the same in every language.</summary>
public static class PreferenceBenchFiles
{
    public const string Adapter = "adapter.safetensors";
    public const int Rank = 16;

    /// <summary>`bench-100m` for small pictures, with a vocabulary of 32,768.</summary>
    public static CheckpointConfig Config { get; } = BenchModel.Small with { VocabularySize = 32768 };

    public static void Write(string folder, string tokenizerFolder)
    {
        BenchModel.Write(Config, folder, tokenizerFolder);
        if (File.Exists(Path.Combine(folder, Adapter)))
            return;
        using LlavaQwenForCausalLM model = Checkpoint.Load(folder);
        using var adapter = new LoraAdapter(model, Rank, alpha: 2 * Rank, seed: 3);
        using (no_grad())
            foreach ((int index, (_, Parameter factor)) in adapter.Parameters().Index().Where(entry => entry.Item.Name.Contains("lora_B", StringComparison.Ordinal)))
                factor.copy_(Numbers(index, factor.shape) * 0.01);
        adapter.Save(Path.Combine(folder, Adapter));
    }

    /// <summary>[frames, 3, side, side] in −1 … 1</summary>
    public static Tensor Pixels(int pair, long frames, long side)
    {
        float[] values = new float[frames * 3 * side * side];
        for (long i = 0; i < values.Length; i++)
            values[i] = (i + 1000003L * pair) * 7919 % 104729 / 104729f * 2 - 1;
        return tensor(values).reshape(new long[] { frames, 3, side, side });
    }

    public static int[] Tokens(int seed, int count, int vocabulary) =>
        [.. Enumerable.Range(0, count).Select(i => i + 1000L * seed).Select(place => (int)((place * place * 31 + place * 7919) % 104729 % vocabulary))];

    private static Tensor Numbers(int seed, long[] shape)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)(2 * random.NextDouble() - 1))];
        return tensor(values).reshape(shape);
    }
}
