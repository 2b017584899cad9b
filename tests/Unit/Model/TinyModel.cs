using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

/// <summary>A model of a few thousand parameters with seeded weights, and random things to feed it.</summary>
internal static class TinyModel
{
    public const int Vocabulary = 40;

    public static CheckpointConfig Config { get; } = new()
    {
        HiddenSize = 16,
        IntermediateSize = 24,
        Layers = 2,
        Heads = 4,
        KeyValueHeads = 2,
        VocabularySize = Vocabulary,
        NewlinePosition = "grid",
        PatchMergeType = "spatial_unpad",
        Vision = new VisionConfig { HiddenSize = 12, IntermediateSize = 20, Layers = 1, Heads = 2, ImageSize = 16, PatchSize = 5 },
    };

    /// <summary>Weights large enough that attention is far from uniform, so that a leak between rows would show.</summary>
    public static LlavaQwenForCausalLM Create(CheckpointConfig? config = null, int seed = 1)
    {
        var model = new LlavaQwenForCausalLM(config ?? Config);
        Initialisation.Initialise(model, seed, deviation: 0.4);
        return model;
    }

    /// <summary>Tower output of a made-up video [F, 9, 12].</summary>
    public static Tensor Patches(int frames, int seed) => Numbers(seed, frames, 9, 12);

    public static Tensor Numbers(int seed, params long[] shape)
    {
        var random = new Random(seed);
        float[] values = [.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(_ => (float)(2 * random.NextDouble() - 1))];
        return tensor(values).reshape(shape);
    }

    public static int[] Tokens(int seed, int count)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => random.Next(Vocabulary))];
    }

    public static float[] Values(Tensor values) => values.detach().reshape(new long[] { -1 }).data<float>().ToArray();

    /// <summary>Largest difference, as a share of the expected one's largest magnitude.</summary>
    public static double Distance(IReadOnlyList<float> expected, IReadOnlyList<float> found)
    {
        Assert.Equal(expected.Count, found.Count);
        return Enumerable.Range(0, expected.Count).Max(i => Math.Abs(expected[i] - found[i])) / Math.Max(expected.Max(Math.Abs), 1e-12);
    }
}
