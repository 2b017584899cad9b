using Tpo.GpuJob.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

/// <summary>One row with a shared prefix is worth as many separate rows: the same numbers, the same gradients.</summary>
public sealed class SharedPrefixTests
{
    private static readonly int[] Before = TinyModel.Tokens(1, 5);
    private static readonly int[] After = TinyModel.Tokens(2, 4);

    [Fact]
    public void A_branch_is_blind_to_the_other_branches()
    {
        var left = new Branch(TinyModel.Tokens(3, 3), TinyModel.Tokens(4, 4));
        float[][] seen = Scores([left, new Branch(TinyModel.Tokens(5, 2), TinyModel.Tokens(6, 6))]);
        float[][] changed = Scores([left, new Branch(TinyModel.Tokens(7, 2), TinyModel.Tokens(8, 6))]);
        Assert.Equal(seen[0], changed[0]);
        Assert.NotEqual(seen[1], changed[1]);
    }

    [Fact]
    public void A_branch_scores_as_it_would_alone()
    {
        Branch[] branches = [new([], TinyModel.Tokens(3, 5)), new(TinyModel.Tokens(4, 3), TinyModel.Tokens(5, 2)), new(TinyModel.Tokens(6, 1), TinyModel.Tokens(7, 7))];
        float[][] together = Scores(branches);
        for (var b = 0; b < branches.Length; b++)
            Assert.True(TinyModel.Distance(Scores([branches[b]])[0], together[b]) < 1e-5);
    }

    [Fact]
    public void Gradients_of_all_branches_flow_through_the_one_prefix()
    {
        Branch[] branches = [new([], TinyModel.Tokens(3, 5)), new([], TinyModel.Tokens(4, 3))];
        Dictionary<string, float[]> together = Gradients([branches]);
        Dictionary<string, float[]> separate = Gradients([[branches[0]], [branches[1]]]);
        Assert.Contains("model.mm_projector.0.weight", together.Keys);
        Assert.Contains("model.image_newline", together.Keys);
        foreach ((string name, float[] gradient) in separate)
            Assert.True(TinyModel.Distance(gradient, together[name]) < 1e-4, name);
    }

    [Fact]
    public void Padding_changes_no_score()
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        Tensor video = model.ProjectFrames(TinyModel.Patches(2, 9));
        var brief = new BranchedSequence(Before, (int)video.shape[0], After, [new Branch([], TinyModel.Tokens(3, 2))]);
        var textOnly = new BranchedSequence(Before, 0, After, [new Branch([], TinyModel.Tokens(4, 30)), new Branch([], TinyModel.Tokens(5, 20))]);
        IReadOnlyList<Tensor> padded = SharedPrefixBatch.TokenLogProbs(model, [brief, textOnly], [video, null]);
        Assert.True(TinyModel.Distance(TinyModel.Values(SharedPrefixBatch.TokenLogProbs(model, [brief], [video])[0]), TinyModel.Values(padded[0])) < 1e-5);
        Assert.True(TinyModel.Distance(TinyModel.Values(SharedPrefixBatch.TokenLogProbs(model, [textOnly], [null])[0]), TinyModel.Values(padded[1])) < 1e-5);
    }

    [Fact]
    public void Every_answer_token_is_predicted_by_the_row_before_it()
    {
        var sequence = new BranchedSequence([1, 2], 3, [4], [new Branch([], [5, 6]), new Branch([7, 8], [9])]);
        Assert.Equal([1, 2, 0, 0, 0, 4, 5, 7, 8], sequence.Ids);
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 6, 7], sequence.Positions);
        Assert.Equal([0, 0, 0, 0, 0, 0, 1, 2, 2], sequence.Segments);
        Assert.Equal([new AnswerTarget(5, 5, 0), new AnswerTarget(6, 6, 0), new AnswerTarget(8, 9, 1)], sequence.Targets);
    }

    [Fact]
    public void Too_long_a_sequence_is_refused_in_a_sentence()
    {
        LlavaQwenForCausalLM model = TinyModel.Create(TinyModel.Config with { MaxLength = 8 });
        var sequence = new BranchedSequence(Before, 0, After, [new Branch([], [1, 2])]);
        var error = Assert.Throws<InvalidDataException>(() => SharedPrefixBatch.TokenLogProbs(model, [sequence], [null]));
        Assert.Contains("tokenizer_model_max_length is 8", error.Message);
    }

    /// <summary>Token log-probs by branch.</summary>
    private static float[][] Scores(Branch[] branches)
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        (BranchedSequence sequence, float[] values) = (Sequence(model, branches, out Tensor video), Array.Empty<float>());
        values = TinyModel.Values(SharedPrefixBatch.TokenLogProbs(model, [sequence], [video])[0]);
        return [.. branches.Select((_, b) => values.Where((_, i) => sequence.Targets[i].Branch == b).ToArray())];
    }

    private static Dictionary<string, float[]> Gradients(Branch[][] rows)
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        model.FreezeVisionTower();
        foreach (Branch[] branches in rows)
        {
            BranchedSequence sequence = Sequence(model, branches, out Tensor video);
            SharedPrefixBatch.TokenLogProbs(model, [sequence], [video])[0].sum().backward();
        }
        return model.TrainableParameters().ToDictionary(entry => entry.Name, entry => TinyModel.Values(entry.Parameter.grad!));
    }

    private static BranchedSequence Sequence(LlavaQwenForCausalLM model, Branch[] branches, out Tensor video)
    {
        video = model.ProjectFrames(TinyModel.Patches(3, 9));
        return new BranchedSequence(Before, (int)video.shape[0], After, branches);
    }
}
