using Tpo.GpuJob.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>A pair's forward pass: log π of the chosen and the rejected answer [2], f64.</summary>
/// <param name="Finish">what is left of the way back once a loss of them went backward; null = nothing</param>
public sealed record PairPass(Tensor LogProbs, Action? Finish = null);

/// <summary>How a pair goes through the model. All ways give the same numbers, up to rounding, for different prices.</summary>
public delegate PairPass PairForward(LlavaQwenForCausalLM model, TrainingPair pair);

/// <summary>The ways.</summary>
public static class PairForwards
{
    /// <summary>Both answers behind one prefix, in one row: what training does.</summary>
    public static PairPass Shared(LlavaQwenForCausalLM model, TrainingPair pair) =>
        new(SharedPrefixBatch.SumByBranch(pair.Sequence, BranchedRow.TokenLogProbs(model, pair.Sequence, model.ProjectFrames(pair.Patches))));

    /// <summary>The same with little memory: layers are computed again on the way back.</summary>
    public static PairPass Recomputed(LlavaQwenForCausalLM model, TrainingPair pair)
    {
        var row = RecomputedRow.Forward(model, pair.Sequence, model.ProjectFrames(pair.Patches));
        return new PairPass(SharedPrefixBatch.SumByBranch(pair.Sequence, row.LogProbs), row.Backward);
    }

    /// <summary>Each answer in a row of its own, behind a prefix of its own, as trainers do that do not share it.</summary>
    public static PairPass Separate(LlavaQwenForCausalLM model, TrainingPair pair)
    {
        using var scope = NewDisposeScope();
        Tensor[] each = [.. Enumerable.Range(0, 2).Select(branch =>
        {
            BranchedSequence alone = pair.Sequence.Only(branch);
            return SharedPrefixBatch.SumByBranch(alone, BranchedRow.TokenLogProbs(model, alone, model.ProjectFrames(pair.Patches)));
        })];
        return new PairPass(cat(each, 0).MoveToOuterDisposeScope());
    }
}
