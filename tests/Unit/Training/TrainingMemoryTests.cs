using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.Model;
using Tpo.Tests.Unit.Torch;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Training;

// Tensors and the native heap are the whole process's: this runs in one of its own, without what earlier tests made the runtime do late.
[Collection(nameof(NativeMemory)), Trait("Lane", "alone")]
public sealed class TrainingMemoryTests(ITestOutputHelper output)
{
    /// <summary>
    /// Until the runtime has compiled what is hot (in the background, when it sees fit) and libtorch's caches are as large as they get; nothing is measured
    /// before. It has, where four hundreds of steps in a row added less than so much; a leak of one step's gradients never comes to that.
    /// </summary>
    private const int Warm = 500, MostWarm = 5000, Hundred = 100;
    private const double CalmMegabytes = 0.05;
    private const int Steps = 500, Every = 50;
    /// <summary>What may be added over 500 steps: one step's gradients are 0.3 MB (full training), so losing them would be 150.</summary>
    private const double MaxGrowthInMegabytes = 2;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Five_hundred_steps_leave_no_tensor_and_no_memory_behind(bool withAdapter)
    {
        using LlavaQwenForCausalLM model = TinyModel.Create(TinyModel.Config with { HiddenSize = 64, IntermediateSize = 96 });
        using LoraAdapter? adapter = withAdapter ? new LoraAdapter(model, rank: 2, alpha: 4) : null;
        using var trainer = new PreferenceTrainer(model, new TrainerOptions(new LossOptions(Beta: 0.1, DpoWeight: 1, SftWeight: 0.5)), adapter);
        using Tensor patches = TinyModel.Patches(2, 3);
        var pair = new TrainingPair("a", patches, new BranchedSequence(
            TinyModel.Tokens(1, 3), VideoTokens.Count(2, model.Config), TinyModel.Tokens(2, 4), [new Branch([], TinyModel.Tokens(3, 4)), new Branch([], TinyModel.Tokens(4, 6))]));
        (TrainingPair, ReferenceLogProbs)[] batch = [(pair, trainer.Score(pair))];

        int warm = 0;
        for (int calm = 0; warm < MostWarm && (calm < 4 || warm < Warm); warm += Hundred)
        {
            double before = NativeHeap.Megabytes();
            for (var step = 0; step < Hundred; step++)
                trainer.Step(warm + step, batch, 1e-4);
            calm = NativeHeap.Megabytes() - before < CalmMegabytes ? calm + 1 : 0;
        }
        output.WriteLine($"calm after {warm} steps");
        var seen = new List<(int Step, long Tensors, double Megabytes)> { (0, Tensor.TotalCount, NativeHeap.Megabytes()) };
        var alive = new HashSet<long>();
        for (var step = 1; step <= Steps; step++)
        {
            trainer.Step(warm + step, batch, 1e-4);
            // Right after the step: a tensor that only the collector would find is a leak too.
            alive.Add(Tensor.TotalCount);
            if (step % Every == 0)
                seen.Add((step, Tensor.TotalCount, NativeHeap.Megabytes()));
        }
        foreach ((int step, long tensors, double megabytes) in seen)
            output.WriteLine($"after {step} steps: {tensors} live tensors, {megabytes:F2} MB of the native heap in use");
        Assert.Single(alive);
        Assert.True(seen[^1].Megabytes - seen[0].Megabytes < MaxGrowthInMegabytes, string.Join("; ", seen));
    }

    [Fact]
    public void The_native_heap_in_use_counts_what_a_tensor_holds()
    {
        double before = NativeHeap.Megabytes(), with;
        using (ones(200, 1000))
        using (ones(2_500_000))
            with = NativeHeap.Megabytes();
        Assert.InRange(with - before, 10.4, 11.5);
        Assert.InRange(NativeHeap.Megabytes() - before, -1, 0.5);
    }
}
