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
    /// <summary>Until the runtime has compiled what is hot and libtorch's caches are as large as they get; nothing is measured before.</summary>
    private const int Warm = 500;
    private const int Steps = 500, Every = 50;
    /// <summary>
    /// What the allocator may keep over 500 steps. One step's gradients are 0.3 MB (full training), so losing them would cost 150. The one
    /// interval that grew most does not count: the runtime may take a piece once (22 MB were seen, then nothing more), a leak grows in all.
    /// </summary>
    private const double MaxGrowthInMegabytes = 8;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Five_hundred_steps_leave_no_tensor_and_no_memory_behind(bool withAdapter)
    {
        using LlavaQwenForCausalLM model = TinyModel.Create(TinyModel.Config with { HiddenSize = 64, IntermediateSize = 96 });
        using LoraAdapter? adapter = withAdapter ? new LoraAdapter(model, rank: 2, alpha: 4) : null;
        using var trainer = new PreferenceTrainer(model, new TrainerOptions(Beta: 0.1, DpoWeight: 1, SftWeight: 0.5), adapter);
        using Tensor patches = TinyModel.Patches(2, 3);
        var pair = new TrainingPair("a", patches, new BranchedSequence(
            TinyModel.Tokens(1, 3), VideoTokens.Count(2, model.Config), TinyModel.Tokens(2, 4), [new Branch([], TinyModel.Tokens(3, 4)), new Branch([], TinyModel.Tokens(4, 6))]));
        (TrainingPair, ReferenceLogProbs)[] batch = [(pair, trainer.Score(pair))];

        for (var step = 0; step < Warm; step++)
            trainer.Step(step, batch, 1e-4);
        var seen = new List<(int Step, long Tensors, double Megabytes)> { (0, Tensor.TotalCount, ResidentMegabytes()) };
        var alive = new HashSet<long>();
        for (var step = 1; step <= Steps; step++)
        {
            trainer.Step(Warm + step, batch, 1e-4);
            // Right after the step: a tensor that only the collector would find is a leak too.
            alive.Add(Tensor.TotalCount);
            if (step % Every == 0)
                seen.Add((step, Tensor.TotalCount, ResidentMegabytes()));
        }
        foreach ((int step, long tensors, double megabytes) in seen)
            output.WriteLine($"after {step} steps: {tensors} live tensors, {megabytes:F1} MB resident beside the managed heap");
        Assert.Single(alive);
        double[] growth = [.. seen.Zip(seen.Skip(1), (before, after) => after.Megabytes - before.Megabytes)];
        Assert.True(growth.Sum() - growth.Max() < MaxGrowthInMegabytes, string.Join("; ", seen));
    }

    /// <summary>
    /// Of the process, without what the managed heap holds on to: that comes and goes by many megabytes as the collector sees fit, while
    /// what it manages here is always the same.
    /// </summary>
    private static double ResidentMegabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        using var process = System.Diagnostics.Process.GetCurrentProcess();
        return (process.WorkingSet64 - GC.GetGCMemoryInfo().TotalCommittedBytes) / 1e6;
    }
}
