using Tpo.GpuJob.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

/// <summary>The row that computes only what is scored has the numbers and the gradients of the one with a mask over everything.</summary>
public sealed class BranchedRowTests
{
    public static TheoryData<string> Shapes => [.. Sequences.Keys];

    private static readonly Dictionary<string, BranchedSequence> Sequences = new()
    {
        ["two answers"] = Sequence(After: 4, new([], T(3, 5)), new([], T(4, 3))),
        ["a prefix of several blocks"] = Sequence(After: 300, new([], T(3, 9)), new([], T(4, 40))),
        ["answers of one token"] = Sequence(After: 4, new([], T(3, 1)), new([], T(4, 1))),
        ["rejected begins as chosen does and ends earlier"] = Sequence(After: 4, new([], [5, 6, 7, 8]), new([], [5, 6])),
        ["answers behind a text of their own"] = Sequence(After: 4, new(T(5, 3), T(3, 2)), new(T(6, 2), T(4, 4))),
        ["one answer"] = Sequence(After: 4, new Branch([], T(3, 5))),
        ["marks of the prompt are learnt too"] = new(T(1, 5), 18, T(2, 6), [new([], T(3, 5)), new([], T(4, 3))], [2, 25, 27]),
    };

    [Theory, MemberData(nameof(Shapes))]
    public void Log_probabilities_are_those_of_the_masked_row(string shape)
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        model.to(ScalarType.Float64);
        double[] masked = Values(Masked(model, Sequences[shape])), found = Values(Rowed(model, Sequences[shape]));
        Assert.True(Distance(masked, found) < 1e-12, $"{Distance(masked, found):E1}");
    }

    [Theory, MemberData(nameof(Shapes))]
    public void Gradients_of_every_tensor_are_those_of_the_masked_row(string shape)
    {
        var masked = Gradients(Sequences[shape], Masked);
        var found = Gradients(Sequences[shape], Rowed);
        var recomputed = Gradients(Sequences[shape], rowed: null);
        Assert.Contains("model.mm_projector.0.weight", masked.Keys);
        foreach ((string name, double[] gradient) in masked)
        {
            Assert.True(Distance(gradient, found[name]) < 1e-11, $"{name} is {Distance(gradient, found[name]):E1} off");
            Assert.True(Distance(found[name], recomputed[name]) < 1e-13, $"{name}, recomputed, is {Distance(found[name], recomputed[name]):E1} off");
        }
    }

    [Fact]
    public void A_changed_token_of_the_rejected_answer_changes_no_bit_of_the_chosen_one()
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        double[] before = Values(Rowed(model, Sequence(After: 4, new([], T(3, 5)), new([], [1, 2, 3, 4])))),
            after = Values(Rowed(model, Sequence(After: 4, new([], T(3, 5)), new([], [1, 2, 9, 4]))));
        Assert.Equal(before[..5], after[..5]);
        Assert.NotEqual(before[5..], after[5..]);
    }

    [Fact]
    public void Many_scored_rows_go_through_the_vocabulary_in_pieces_with_the_same_result()
    {
        using var scope = NewDisposeScope();
        Tensor rows = Double(TinyModel.Numbers(1, 300, 16)), weight = Double(TinyModel.Numbers(2, TinyModel.Vocabulary, 16)), share = Double(TinyModel.Numbers(3, 300));
        Tensor tokens = tensor(T(4, 300).Select(id => (long)id).ToArray());

        Tensor whole = ChunkedLogProbs.LogProbs(nn.functional.linear(rows, weight), tokens), pieces = ChunkedLogProbs.apply(rows, weight, tokens);
        Assert.True(Distance(Values(whole), Values(pieces)) < 1e-14);
        IList<Tensor> expected = autograd.grad([(whole * share).sum()], [rows, weight]), found = autograd.grad([(pieces * share).sum()], [rows, weight]);
        for (var i = 0; i < 2; i++)
            Assert.True(Distance(Values(expected[i]), Values(found[i])) < 1e-13);

        static Tensor Double(Tensor values) => values.to_type(ScalarType.Float64).requires_grad_();
    }

    [Fact]
    public void Too_long_a_sequence_is_refused_in_a_sentence()
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create(TinyModel.Config with { MaxLength = 20 });
        Assert.Contains("tokenizer_model_max_length is 20", Assert.Throws<InvalidDataException>(() => Rowed(model, Sequences["two answers"])).Message);
    }

    private static BranchedSequence Sequence(int After, params Branch[] branches) => new(T(1, 5), 18, T(2, After), branches);

    private static int[] T(int seed, int count) => TinyModel.Tokens(seed, count);

    private static Tensor Masked(LlavaQwenForCausalLM model, BranchedSequence sequence) => SharedPrefixBatch.TokenLogProbs(model, [sequence], [Video(model)])[0];

    private static Tensor Rowed(LlavaQwenForCausalLM model, BranchedSequence sequence) => BranchedRow.TokenLogProbs(model, sequence, Video(model));

    /// <summary>Three frames of 2 × 2 rows and their newlines: 18 rows.</summary>
    private static Tensor Video(LlavaQwenForCausalLM model) => model.ProjectFrames(TinyModel.Patches(3, 9).to_type(model.Logits(model.Embed(tensor(new long[] { 0 }))).dtype));

    /// <param name="rowed">null = layer by layer, each computed again</param>
    private static Dictionary<string, double[]> Gradients(BranchedSequence sequence, Func<LlavaQwenForCausalLM, BranchedSequence, Tensor>? rowed)
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        model.to(ScalarType.Float64);
        model.FreezeVisionTower();
        Tensor share = TinyModel.Numbers(8, sequence.Targets.Count).to_type(ScalarType.Float64);
        if (rowed is not null)
            (rowed(model, sequence) * share).sum().backward();
        else
        {
            var row = RecomputedRow.Forward(model, sequence, Video(model));
            (row.LogProbs * share).sum().backward();
            row.Backward();
        }
        return model.TrainableParameters().ToDictionary(entry => entry.Name, entry => Values(entry.Parameter.grad!));
    }

    private static double[] Values(Tensor values) => values.detach().to_type(ScalarType.Float64).reshape(new long[] { -1 }).data<double>().ToArray();

    private static double Distance(double[] expected, double[] found)
    {
        Assert.Equal(expected.Length, found.Length);
        return expected.Zip(found, (a, b) => Math.Abs(a - b)).Max() / Math.Max(expected.Max(Math.Abs), 1e-300);
    }
}
