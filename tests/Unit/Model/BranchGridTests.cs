using Tpo.GpuJob.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

/// <summary>A grid of branches computes what one row with a mask computes, without computing what the mask hides.</summary>
public sealed class BranchGridTests
{
    private static readonly int[] Before = TinyModel.Tokens(1, 5);

    [Fact]
    public void Prefixes_branches_and_answers_of_any_length_score_as_in_one_masked_row()
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        Tensor video = model.ProjectFrames(TinyModel.Patches(2, 9));
        BranchedSequence[] sequences =
        [
            new(Before, (int)video.shape[0], TinyModel.Tokens(2, 3), [new([], TinyModel.Tokens(3, 5)), new(TinyModel.Tokens(4, 3), TinyModel.Tokens(5, 2))]),
            new(Before, 0, [], [new(TinyModel.Tokens(6, 7), TinyModel.Tokens(7, 4)), new(TinyModel.Tokens(8, 1), [9]), new(TinyModel.Tokens(10, 2), TinyModel.Tokens(11, 3))]),
        ];
        Tensor?[] videos = [video, null];
        IReadOnlyList<Tensor> masked = SharedPrefixBatch.TokenLogProbs(model, sequences, videos);
        Assert.True(TinyModel.Distance(TinyModel.Values(cat([.. masked], 0)), TinyModel.Values(LogProbs(model, sequences, videos))) < 1e-5);
    }

    [Fact]
    public void Gradients_are_those_of_the_masked_row()
    {
        BranchedSequence[] sequences = [new(Before, 0, TinyModel.Tokens(2, 4), [new([], TinyModel.Tokens(3, 5)), new(TinyModel.Tokens(4, 3), TinyModel.Tokens(5, 2))])];
        var grid = Gradients(model => LogProbs(model, sequences, [null]).sum());
        var masked = Gradients(model => SharedPrefixBatch.TokenLogProbs(model, sequences, [null])[0].sum());
        Assert.Equal(masked.Keys, grid.Keys);
        Assert.All(masked, entry => Assert.True(TinyModel.Distance(entry.Value, grid[entry.Key]) < 1e-4, entry.Key));
    }

    [Fact]
    public void What_stands_in_front_of_an_answer_is_scored_token_by_token()
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        int[] context = TinyModel.Tokens(4, 3), answer = TinyModel.Tokens(5, 2);
        var grid = new BranchGrid([new BranchedSequence(Before, 0, [], [new(context, answer)])]);
        var (logits, tokens) = grid.Scored(model, grid.Hidden(model, [null]), contexts: true);
        Assert.Equal(context.Select(id => (long)id), tokens.data<long>().ToArray());
        // The same tokens as an answer behind the prefix.
        Tensor expected = SharedPrefixBatch.TokenLogProbs(model, [new BranchedSequence(Before, 0, [], [new([], context)])], [null])[0];
        Tensor logProbs = nn.functional.log_softmax(logits, -1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
        Assert.True(TinyModel.Distance(TinyModel.Values(expected), TinyModel.Values(logProbs)) < 1e-5);
    }

    [Fact]
    public void Scored_tokens_of_the_prefix_are_refused()
    {
        var refused = Assert.Throws<ArgumentException>(() => new BranchGrid([new BranchedSequence([1, 2], 0, [3], [new([], [4])], [1])]));
        Assert.Contains("prefix", refused.Message, StringComparison.Ordinal);
    }

    private static Tensor LogProbs(LlavaQwenForCausalLM model, BranchedSequence[] sequences, Tensor?[] videos)
    {
        var grid = new BranchGrid(sequences);
        var (logits, tokens) = grid.Scored(model, grid.Hidden(model, videos));
        return nn.functional.log_softmax(logits, -1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1);
    }

    private static Dictionary<string, float[]> Gradients(Func<LlavaQwenForCausalLM, Tensor> loss)
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        loss(model).backward();
        return model.TrainableParameters().Where(entry => entry.Parameter.grad is not null)
            .ToDictionary(entry => entry.Name, entry => TinyModel.Values(entry.Parameter.grad!));
    }
}
