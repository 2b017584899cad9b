using Tpo.GpuJob.Bench;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.House;
using static Tpo.Tests.Unit.Serving.MemoryPeak;

namespace Tpo.Tests.Unit.Serving;

/// <summary>
/// The plan's peak against the kernel's, each in a process of its own, for models that differ in what takes the memory. Those of bench-100m
/// are in the slow lane.
/// </summary>
public sealed class MemoryPeakTests
{
    private static readonly VisionConfig SmallTower = new() { HiddenSize = 48, IntermediateSize = 64, Layers = 1, Heads = 4, ImageSize = 28, PatchSize = 7 };
    private static readonly CheckpointConfig Tiny = BenchModel.Small with
    {
        HiddenSize = 64, IntermediateSize = 96, Layers = 2, Heads = 4, KeyValueHeads = 2, VocabularySize = 600, Vision = SmallTower,
    };

    [Fact]
    public async Task Where_the_runtime_is_all()
    {
        using var model = new MemoryPeak(Tiny);
        Within15Percent(await model.MeasureAsync(new MemoryWorkload(Frames: 4)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Of_the_model_that_is_shipped(bool int8)
    {
        using var model = new MemoryPeak(Path.Combine(Repository.Root, "infra", "local", "models", "tpo-nano"), int8);
        Within15Percent(await model.MeasureAsync(new MemoryWorkload(Frames: 16, AnswerTokens: 16)));
    }

    [Fact]
    public async Task Where_loading_takes_more_than_answering_because_a_wide_vocabulary_is_there_twice()
    {
        using var model = new MemoryPeak(Tiny with { HiddenSize = 768, Heads = 12, KeyValueHeads = 4, VocabularySize = 40_000, TieWordEmbeddings = true, Layers = 1 });
        Within15Percent(await model.MeasureAsync(new MemoryWorkload(Frames: 1, AnswerTokens: 4)));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Where_a_tower_of_many_patches_and_heads_outweighs_the_decoder(bool lowMemory)
    {
        using var model = new MemoryPeak(Tiny with { Vision = new() { HiddenSize = 1152, IntermediateSize = 4304, Layers = 2, Heads = 16, ImageSize = 384, PatchSize = 14 } });
        Within15Percent(await model.MeasureAsync(new MemoryWorkload(Frames: 2, AnswerTokens: 4), lowMemory));
    }

    [Fact]
    public async Task Where_keys_and_values_outweigh_the_weights()
    {
        using var model = new MemoryPeak(Tiny with { Layers = 24, HiddenSize = 128, Heads = 4, KeyValueHeads = 4 });
        Within15Percent(await model.MeasureAsync(new MemoryWorkload(Frames: 250, Questions: 4)));
    }
}
