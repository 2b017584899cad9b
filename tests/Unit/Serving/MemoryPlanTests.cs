using Tpo.GpuJob.Memory;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.House;
using Tpo.Tests.Unit.Model;

namespace Tpo.Tests.Unit.Serving;

/// <summary>The arithmetic of memory, and what becomes of a model that does not fit.</summary>
public sealed class MemoryPlanTests : IDisposable
{
    private readonly RandomCheckpoint _checkpoint = new();

    [Theory]
    [InlineData("LLaVA-Video-7B-Qwen2", "post_layernorm")]
    [InlineData("LongVA-7B", "post_layernorm", "layers.23.")]
    public void Every_number_of_a_published_checkpoint_is_counted_once_except_those_that_no_graph_uses(string checkpoint, params string[] unused)
    {
        var config = TensorShapesTests.Published(checkpoint);
        var served = TensorShapes.Of(config).Where(entry => !unused.Any(part => entry.Key.Contains("vision_tower") && entry.Key.Contains(part)))
            .Sum(entry => entry.Value.Aggregate(1L, (product, size) => product * size));
        var sizes = WeightSizes.Of(config);
        Assert.Equal(served, sizes.Matrices + sizes.Plain + sizes.Table);
        Assert.Equal((long)config.VocabularySize * config.HiddenSize, sizes.LargestMatrix);
        Assert.Equal(TensorShapes.Of(config).Where(entry => entry.Key.Contains("_proj.weight") && entry.Key.Contains("model.layers.") || entry.Key == "lm_head.weight")
            .Sum(entry => entry.Value[0] * entry.Value[1]), sizes.Rounded);
    }

    [Fact]
    public void The_tokens_of_a_video_are_counted_as_the_encoder_makes_them()
    {
        using var model = VideoLanguageModel.Load(_checkpoint.Folder, "random");
        Assert.Equal(7 * RandomCheckpoint.TokensPerFrame, MemoryWorkload.VideoTokens(model.Config, 7));
        Assert.Equal(32 * 210, MemoryWorkload.VideoTokens(GpuJob.Bench.BenchModel.Large, 32));
        // 27 × 27 patches pooled to 14 × 14, a newline a row; 24 × 24 averaged to 12 × 12, none.
        Assert.Equal(64 * 210, MemoryWorkload.VideoTokens(TensorShapesTests.Published("LLaVA-Video-7B-Qwen2"), 64));
        Assert.Equal(64 * 144, MemoryWorkload.VideoTokens(TensorShapesTests.Published("LongVA-7B"), 64));
    }

    [Theory]
    [InlineData("LLaVA-Video-7B-Qwen2")]
    [InlineData("LongVA-7B")]
    public void The_documented_tables_are_what_the_job_prints(string checkpoint)
    {
        var config = TensorShapesTests.Published(checkpoint);
        var plans = MemoryTable.Plans(config, Enum.GetValues<ServingType>(), new ServingOptions(), [new MemoryWorkload(32), new MemoryWorkload(64)]);
        var docs = File.ReadAllText(Path.Combine(Repository.Root, "docs", "serving.md"));
        Assert.Contains(string.Join('\n', MemoryTable.Lines(plans, 24L << 30)), docs);
    }

    [Fact]
    public void A_longer_video_more_questions_and_more_videos_take_more_and_low_memory_loads_with_less()
    {
        var config = TensorShapesTests.Published("LLaVA-Video-7B-Qwen2");
        var few = Plan(new MemoryWorkload(32));
        Assert.True(Plan(new MemoryWorkload(64)).Answer > few.Answer);
        Assert.True(Plan(new MemoryWorkload(32, Questions: 10)).Answer > few.Answer);
        Assert.Equal(3 * few.KeysAndValues, Plan(new MemoryWorkload(32, Videos: 3)).KeysAndValues);
        Assert.Equal(few.KeysAndValues * 3 / 2, Plan(new MemoryWorkload(32, Videos: 3), new ServingOptions { CacheBytes = few.KeysAndValues * 3 / 2 }).KeysAndValues);
        Assert.True(Plan(new MemoryWorkload(32), new ServingOptions { LowMemory = true }).Load < few.Load / 10);

        MemoryPlan Plan(MemoryWorkload workload, ServingOptions? options = null) => MemoryPlan.For(config, ServingType.F32, options ?? new ServingOptions(), workload);
    }

    [Fact]
    public void A_model_that_cannot_fit_is_refused_with_the_numbers_before_a_graph_is_opened()
    {
        File.WriteAllText(Path.Combine(_checkpoint.Folder, "onnx", "decoder.onnx"), "no graph");
        var planned = new List<MemoryPlan>();
        var error = Assert.Throws<InsufficientMemoryException>(() => Load(new ServingOptions { AvailableBytes = 60 << 20, Planned = planned.Add }));
        Assert.Contains("'random' does not fit into memory", error.Message);
        Assert.Contains($"{MemoryPlan.Size(Assert.Single(planned).Peak)} are needed, 60 MiB are available", error.Message);
        Assert.Contains("LowMemory", error.Message);
        Assert.Contains("--dtype f16", error.Message);
    }

    [Fact]
    public void A_budget_that_was_asked_for_is_kept_or_refused_never_shrunk()
    {
        using (var model = Load(new ServingOptions { AvailableBytes = 200 << 20, CacheBytes = 90 << 20 })) { }
        var error = Assert.Throws<InsufficientMemoryException>(() => Load(new ServingOptions { AvailableBytes = 200 << 20, CacheBytes = 190 << 20 }));
        Assert.Contains("a smaller CacheBytes than 190 MiB", error.Message);
    }

    [Fact]
    public void The_default_budget_is_a_quarter_of_what_is_free_or_what_the_weights_leave()
    {
        Assert.Equal(1L << 30, Budget(4L << 30));
        var tight = Budget(100 << 20);
        Assert.InRange(tight, 1 << 20, 24 << 20);

        long Budget(long available)
        {
            MemoryPlan? plan = null;
            Load(new ServingOptions { AvailableBytes = available, Planned = settled => plan = settled }).Dispose();
            Assert.True(plan!.Peak <= available);
            return plan.KeysAndValues;
        }
    }

    public void Dispose() => _checkpoint.Dispose();

    private VideoLanguageModel Load(ServingOptions options) => VideoLanguageModel.Load(_checkpoint.Folder, "random", options);
}
