using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.Tests.Unit.Model;
using Tpo.Tests.Unit.Torch;
using TorchSharp;
using Xunit.Abstractions;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Training;

// Tensors and memory are the whole process's, so this runs when no other test does.
[Collection(nameof(NativeMemory))]
public sealed class TrainingMemoryTests(ITestOutputHelper output)
{
    private const int Steps = 500, Every = 100;
    /// <summary>From here on the caches of the runtime and of libtorch are as large as they get.</summary>
    private const int Warm = 200;
    /// <summary>What the allocator may keep over 300 steps. The gradients of one step are 0.05 MB, so losing them would cost 15.</summary>
    private const double MaxGrowthInMegabytes = 8;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Five_hundred_steps_leave_no_tensor_and_no_memory_behind(bool withAdapter)
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        using LoraAdapter? adapter = withAdapter ? new LoraAdapter(model, rank: 2, alpha: 4) : null;
        using var trainer = new PreferenceTrainer(model, new TrainerOptions(Beta: 0.1, DpoWeight: 1, SftWeight: 0.5), adapter);
        using Tensor patches = TinyModel.Patches(2, 3);
        var pair = new TrainingPair("a", patches, new BranchedSequence(
            TinyModel.Tokens(1, 3), VideoTokens.Count(2, model.Config), TinyModel.Tokens(2, 4), [new Branch([], TinyModel.Tokens(3, 4)), new Branch([], TinyModel.Tokens(4, 6))]));
        (TrainingPair, ReferenceLogProbs)[] batch = [(pair, trainer.Score(pair))];

        var seen = new List<(int Step, long Tensors, double Megabytes)>();
        var alive = new HashSet<long>();
        trainer.Step(0, batch, 1e-4);
        _ = ResidentMegabytes();
        for (var step = 1; step <= Steps; step++)
        {
            trainer.Step(step, batch, 1e-4);
            // Right after the step: a tensor that only the collector would find is a leak too.
            alive.Add(Tensor.TotalCount);
            if (step % Every == 0)
                seen.Add((step, Tensor.TotalCount, ResidentMegabytes()));
        }
        foreach ((int step, long tensors, double megabytes) in seen)
            output.WriteLine($"after {step} steps: {tensors} live tensors, {megabytes:F1} MB resident");
        Assert.Single(alive);
        Assert.True(seen[^1].Megabytes - seen[Warm / Every - 1].Megabytes < MaxGrowthInMegabytes, string.Join("; ", seen));
    }

    private static double ResidentMegabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return process.WorkingSet64 / 1e6;
    }
}
