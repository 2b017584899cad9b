using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// One branched sequence through the decoder as one row of T tokens, with nothing computed that its score does not need: attention block by block
/// (<see cref="BranchAttention"/>), in the last layer only rows from the first that predicts on, to the vocabulary only rows that predict.
/// </summary>
public static class BranchedRow
{
    /// <summary>log π(token | what it may see) of every scored token [N], in the order of the sequence's Targets.</summary>
    /// <param name="video">its rows [V, d], null where the sequence has none</param>
    /// <exception cref="InvalidDataException">The sequence is longer than the model reads.</exception>
    public static Tensor TokenLogProbs(LlavaQwenForCausalLM model, BranchedSequence sequence, Tensor? video)
    {
        using var scope = NewDisposeScope();
        Tensor embeds = SharedPrefixBatch.EmbedRow(model, sequence, video, sequence.Length).unsqueeze(0);
        RowPlan plan = RowPlan.Of(model, sequence);
        Tensor hidden = model.ForwardRow(embeds, plan);
        return plan.Score(model, hidden).MoveToOuterDisposeScope();
    }
}

/// <summary>Where the tokens of one branched row are and what of them is wanted.</summary>
/// <param name="Positions">[1, T]</param>
/// <param name="Blocks">who looks at whom, of all tokens; LastBlocks: of those from From on, the first that predicts</param>
/// <param name="Rows">of the scored tokens, counted from From [N]</param>
/// <param name="Tokens">the scored tokens [N]</param>
public sealed record RowPlan(Tensor Positions, Tensor Blocks, Tensor LastBlocks, int From, Tensor Rows, Tensor Tokens)
{
    public static RowPlan Of(LlavaQwenForCausalLM model, BranchedSequence sequence)
    {
        SharedPrefixBatch.CheckLength(model, [sequence]);
        int from = sequence.FirstWanted;
        long[] positions = [.. sequence.Positions.Select(position => (long)position)];
        long[] rows = [.. sequence.Targets.Select(target => (long)(target.Row - from))], tokens = [.. sequence.Targets.Select(target => (long)target.Token)];
        return new RowPlan(
            tensor(positions).unsqueeze(0).to(model.Device), BranchAttention.Blocks(sequence, 0), BranchAttention.Blocks(sequence, from), from,
            tensor(rows).to(model.Device), tensor(tokens).to(model.Device));
    }

    /// <summary>States [1, T − From, d] → log-probs of the scored tokens [N]</summary>
    public Tensor Score(LlavaQwenForCausalLM model, Tensor hidden) => model.TokenLogProbs(hidden.select(0, 0).index_select(0, Rows), Tokens);
}
