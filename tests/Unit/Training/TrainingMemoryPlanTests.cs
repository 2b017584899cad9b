using Tpo.GpuJob.Bench;
using Tpo.GpuJob.Memory;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.House;
using Tpo.Tests.Unit.Model;

namespace Tpo.Tests.Unit.Training;

/// <summary>What training takes, by arithmetic; the plan against measured peaks is in the slow lane.</summary>
public sealed class TrainingMemoryPlanTests
{
    private static readonly CheckpointConfig Video7B = TensorShapesTests.Published("LLaVA-Video-7B-Qwen2");
    private static readonly TrainingWays Bf16 = new(Bf16: true), Thrifty = new(Recompute: true, Bf16: true, OffloadOptimizer: true);

    [Theory]
    [InlineData("LLaVA-Video-7B-Qwen2")]
    [InlineData("LongVA-7B")]
    public void Every_number_of_a_published_checkpoint_is_counted_and_all_but_the_towers_are_trained(string checkpoint)
    {
        var config = TensorShapesTests.Published(checkpoint);
        var sizes = TrainingSizes.Of(config, loraRank: 0);
        Assert.Equal(Count(config, _ => true), sizes.All);
        Assert.Equal(Count(config, name => !name.Contains("vision_tower")), sizes.Trained);
        Assert.Equal((long)config.VocabularySize * config.HiddenSize, sizes.LargestTrained);
    }

    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 3)]
    public void The_optimiser_has_what_is_counted_and_its_largest_is_the_largest(bool tied, int rank)
    {
        using var model = TinyModel.Create(TinyModel.Config with { TieWordEmbeddings = tied });
        using var adapter = rank > 0 ? new LoraAdapter(model, rank, alpha: 1) : null;
        model.FreezeVisionTower();
        var trained = adapter?.Parameters() ?? model.TrainableParameters();
        var sizes = TrainingSizes.Of(model.Config, rank);
        Assert.Equal(trained.Sum(entry => entry.Parameter.numel()), sizes.Trained);
        Assert.Equal(trained.Max(entry => entry.Parameter.numel()), sizes.LargestTrained);
    }

    [Fact]
    public void An_adapter_on_a_7B_model_is_planned_with_the_bytes_that_its_shapes_have()
    {
        var plan = Plan(rank: 16, frames: 32, Bf16);
        // PEFT counts 40.4 million for rank 16 on all linear layers of Qwen2-7B: 28 · 16 · (2 · 7168 + 2 · 4096 + 3 · 22528).
        long adapter = 28L * 16 * (2 * 7168 + 2 * 4096 + 3 * 22528);
        Assert.Equal(40_370_176, adapter);
        Assert.Equal((8_030_348_832 + adapter) * 2, plan.Weights);
        Assert.Equal((adapter * 4, adapter * 4, adapter * 8), (plan.Masters, plan.Gradients, plan.Moments));
        Assert.Equal(16L * 32 * 729 * 1152 * 2, plan.Features);
        Assert.Equal(32 * 210 + 65 + 198, plan.Rows);
    }

    [Fact]
    public void All_of_a_7B_model_takes_16_bytes_a_trained_number_and_in_bf16_two_more()
    {
        long trained = TrainingSizes.Of(Video7B, 0).Trained;
        Assert.Equal(16 * trained, Stated(new TrainingWays()) - 4 * TrainingSizes.Of(Video7B, 0).Tower);
        Assert.Equal(18 * trained, Stated(Bf16) - 2 * TrainingSizes.Of(Video7B, 0).Tower);

        long Stated(TrainingWays ways)
        {
            var plan = Plan(rank: 0, frames: 32, ways);
            return plan.Weights + plan.Masters + plan.Gradients + plan.Moments;
        }
    }

    [Theory]
    [InlineData(0, false)]
    [InlineData(16, false)]
    [InlineData(0, true)]
    [InlineData(16, true)]
    public void More_frames_more_text_and_more_videos_take_more_of_every_kind_of_machine(int rank, bool thrifty)
    {
        var ways = thrifty ? Thrifty : new TrainingWays();
        foreach (bool onDevice in new[] { true, false })
        {
            long[] peaks = [.. Enumerable.Range(1, 96).Select(frames => Plan(rank, frames, ways, onDevice).Peak)];
            Assert.Equal(peaks.Order().Distinct(), peaks);
            var plan = Plan(rank, 32, ways, onDevice);
            Assert.True((plan with { Videos = 17 }).Peak > plan.Peak);
            Assert.True((plan with { Pair = PairSize.Of(500, 100, 100) }).Peak > plan.Peak);
        }
    }

    [Fact]
    public void Each_way_of_saving_saves()
    {
        foreach (int rank in new[] { 0, 16 })
        {
            var plain = Plan(rank, 32, new TrainingWays());
            Assert.True(Plan(rank, 32, new TrainingWays(Recompute: true)).Peak < plain.Peak);
            Assert.True(Plan(rank, 32, Bf16).Peak < plain.Peak);
            Assert.True(Plan(rank, 32, new TrainingWays(OffloadOptimizer: true)).Peak < plain.Peak);
        }
        Assert.True(Plan(16, 32, Bf16).Peak < Plan(0, 32, Bf16).Peak);
    }

    [Theory]
    [InlineData(0, 64, 24)]
    [InlineData(0, 64, 80)]
    [InlineData(0, 96, 141)]
    [InlineData(16, 64, 24)]
    [InlineData(16, 128, 48)]
    public void What_is_advised_fits_when_it_is_followed(int rank, int frames, int gigabytes)
    {
        var plan = Plan(rank, frames, new TrainingWays());
        long device = gigabytes * 1_000_000_000L, host = 256L << 30;
        Assert.False(TrainingFit.Fits(plan, device, host));
        var advice = TrainingFit.Advice(plan, device, host);
        Assert.NotEmpty(advice);
        var refusal = Assert.Throws<InsufficientMemoryException>(() => TrainingFit.Require(plan, device, host)).Message;
        foreach (var (change, changed) in advice)
        {
            Assert.Contains(change, refusal);
            TrainingFit.Require(Followed(plan, change), device, host);
            Assert.Equal(changed.Peak, Followed(plan, change).Peak);
        }
    }

    [Fact]
    public void Advised_frames_are_the_most_that_fit()
    {
        var plan = Plan(rank: 16, frames: 128, Thrifty);
        long device = Plan(rank: 16, frames: 50, Thrifty).Peak;
        Assert.Equal(["framesPerVideo 50"], TrainingFit.Advice(plan, device, 256L << 30).Select(way => way.Change));
    }

    [Fact]
    public void A_run_that_nothing_can_save_is_refused_without_advice()
    {
        var plan = Plan(rank: 0, frames: 8, new TrainingWays(), onDevice: false);
        Assert.Empty(TrainingFit.Advice(plan, null, 8L << 30));
        var refusal = Assert.Throws<InsufficientMemoryException>(() => TrainingFit.Require(plan, null, 8L << 30)).Message;
        Assert.Contains($"{MemoryPlan.Size(plan.Peak)} of this machine's memory are needed, 8,192 MiB are available", refusal);
        Assert.Contains("take a smaller base model or a larger machine", refusal);
    }

    [Fact]
    public void On_a_machine_without_a_GPU_nothing_is_advised_that_needs_one()
    {
        var plan = Plan(rank: 0, frames: 48, new TrainingWays(), onDevice: false);
        Assert.Equal(["loraRank 16"], TrainingFit.Advice(plan, null, 110L << 30).Select(way => way.Change));
    }

    [Theory]
    [InlineData("LLaVA-Video-7B-Qwen2")]
    [InlineData("LongVA-7B")]
    public void The_documented_tables_are_what_the_job_prints(string checkpoint)
    {
        var plans = TrainingMemoryTable.Plans(TensorShapesTests.Published(checkpoint), [32, 64], videos: 4);
        Assert.Contains(string.Join('\n', TrainingMemoryTable.Lines(plans)), File.ReadAllText(Path.Combine(Repository.Root, "docs", "training.md")));
    }

    /// <summary>What the slow lane measures anew, as it was measured once (docs/training.md): kB of a process, 138 million weights in f32.</summary>
    [Theory]
    [InlineData(16, false, 1_272_212)]
    [InlineData(16, true, 970_020)]
    [InlineData(0, false, 2_664_852)]
    [InlineData(0, true, 2_559_040)]
    public void The_plan_of_a_run_that_was_measured_is_within_a_fifth_of_it_and_documented(int rank, bool recompute, long kilobytes)
    {
        var plan = TrainingMemoryPlan.For(
            PreferenceBenchFiles.Config, new TrainingRequest { LoraRank = rank, FramesPerVideo = 32, BatchSize = 1 }, new TrainingWays(Recompute: recompute), PairSize.Of(30, 40, 40), videos: 1, onDevice: false);
        double ratio = plan.Peak / 1024.0 / kilobytes;
        Assert.InRange(ratio, 0.8, 1.2);
        string row = FormattableString.Invariant($"| {plan.Way()} | {plan.Peak >> 20} MiB | {kilobytes >> 10} MiB | {ratio:F2} |");
        Assert.Contains(row, File.ReadAllText(Path.Combine(Repository.Root, "docs", "training.md")));
    }

    [Theory]
    [InlineData("143052\n", 143052L << 20)]
    [InlineData("[N/A]\n", null)]
    [InlineData("", null)]
    public void What_the_drivers_tool_says_is_read_or_not_known(string output, long? bytes) => Assert.Equal(bytes, GpuJob.Training.GpuMemory.Parse(output));

    private static TrainingMemoryPlan Plan(int rank, int frames, TrainingWays ways, bool onDevice = true) =>
        TrainingMemoryPlan.For(Video7B, new TrainingRequest { LoraRank = rank, FramesPerVideo = frames }, ways, PairSize.Usual, videos: 16, onDevice);

    private static long Count(CheckpointConfig config, Func<string, bool> takes) =>
        TensorShapes.Of(config).Where(entry => takes(entry.Key)).Sum(entry => entry.Value.Aggregate(1L, (product, size) => product * size));

    /// <summary>The request as somebody would change it who reads the sentence.</summary>
    private static TrainingMemoryPlan Followed(TrainingMemoryPlan plan, string change) => change.Split(" and ").Select(part => part.Split(' ')).Aggregate(plan, (given, field) => field switch
    {
        ["loraRank", var rank] => given with { Request = given.Request with { LoraRank = int.Parse(rank) } },
        ["framesPerVideo", var frames] => given with { Request = given.Request with { FramesPerVideo = int.Parse(frames) } },
        ["recompute", "true"] => given with { Ways = given.Ways with { Recompute = true } },
        ["computeType", "bfloat16"] => given with { Ways = given.Ways with { Bf16 = true } },
        ["offloadOptimizer", "true"] => given with { Ways = given.Ways with { OffloadOptimizer = true } },
        _ => throw new InvalidOperationException($"'{change}' is no change of a request."),
    });
}
