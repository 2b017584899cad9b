using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Training;

public sealed class PreferenceTrainerTests
{
    private static readonly TrainerOptions Options = new(new LossOptions(Beta: 0.1, DpoWeight: 1, SftWeight: 0.5));

    [Fact]
    public void Step_zero_shows_ln_2_and_training_opens_the_margin()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        using var trainer = new PreferenceTrainer(model, Options);
        var batch = Batch(model, trainer);
        TrainingMetrics[] rows = [.. Enumerable.Range(0, 6).Select(step => trainer.Step(step, batch, 1e-2))];
        Assert.Equal(Math.Log(2), rows[0].DpoLoss, 1e-6);
        Assert.Equal((0.0, 0.0, 0.0), (rows[0].RewardChosen, rows[0].RewardRejected, rows[0].Margin));
        Assert.Equal(Options.Loss.DpoWeight * rows[0].DpoLoss + Options.Loss.SftWeight * rows[0].SftLoss, rows[0].Loss, 1e-9);
        Assert.True(rows[5].DpoLoss < 0.9 * Math.Log(2) && rows[5].Margin > 0 && rows[5].RewardAccuracy == 1);
    }

    [Fact]
    public void The_vision_tower_stays_as_it_was_and_everything_else_moves()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        Dictionary<string, float[]> before = Weights(model);
        using var trainer = new PreferenceTrainer(model, Options);
        trainer.Step(0, Batch(model, trainer), 1e-2);
        foreach ((string name, float[] after) in Weights(model))
            Assert.Equal(name.Contains(".vision_tower.", StringComparison.Ordinal), before[name].SequenceEqual(after));
    }

    [Fact]
    public void A_step_is_the_same_whatever_ran_before_it_in_the_process()
    {
        Assert.Equal(Run(), Run());

        static float[] Run()
        {
            using LlavaQwenForCausalLM model = TinyModel.Create();
            using var trainer = new PreferenceTrainer(model, Options);
            var batch = Batch(model, trainer);
            for (var step = 0; step < 3; step++)
                trainer.Step(step, batch, 1e-2);
            return Weights(model)["model.layers.0.mlp.up_proj.weight"];
        }
    }

    [Fact]
    public void A_diverged_step_says_so_and_leaves_the_weights_alone()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        using var trainer = new PreferenceTrainer(model, Options);
        (TrainingPair pair, _) = Batch(model, trainer)[0];
        Dictionary<string, float[]> before = Weights(model);
        var error = Assert.Throws<InvalidOperationException>(() => trainer.Step(4, [(pair, new ReferenceLogProbs(double.NaN, -1))], 1e-2));
        Assert.Contains("Step 4 diverged", error.Message);
        Assert.Equal(before["lm_head.weight"], Weights(model)["lm_head.weight"]);
    }

    [Fact]
    public void The_shared_prefix_has_the_gradient_that_a_sequence_for_each_answer_has()
    {
        using var scope = NewDisposeScope();
        using LlavaQwenForCausalLM model = TinyModel.Create();
        using var trainer = new PreferenceTrainer(model, Options);
        var batch = Batch(model, trainer);
        trainer.Backward(batch);
        Dictionary<string, float[]> shared = Gradients(model);

        model.zero_grad();
        long chosenTokens = batch.Sum(item => item.Pair.ChosenTokens);
        foreach ((TrainingPair pair, ReferenceLogProbs reference) in batch)
        {
            Tensor[] separate = [.. pair.Sequence.Branches.Select(branch => LogProbAlone(model, pair, branch))];
            PreferenceLoss.Objective(
                new(separate[0], separate[1]), new(One(reference.Chosen), One(reference.Rejected)), new(One(1), One(1)), batch.Length, chosenTokens, Options.Loss).Loss.backward();
        }
        Dictionary<string, float[]> apart = Gradients(model);
        Assert.Contains("model.mm_projector.0.weight", apart.Keys);
        foreach ((string name, float[] gradient) in apart)
            Assert.True(TinyModel.Distance(gradient, shared[name]) < 1e-5, $"{name} is {TinyModel.Distance(gradient, shared[name]):E1} off");

        static Tensor One(double value) => tensor(new double[] { value });
    }

    [Fact]
    public void An_adapter_is_all_that_moves_and_the_reference_is_the_model_without_it()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        Dictionary<string, float[]> before = Weights(model);
        using var adapter = new LoraAdapter(model, rank: 2, alpha: 4);
        using var trainer = new PreferenceTrainer(model, Options, adapter);
        var batch = Batch(model, trainer);
        TrainingMetrics[] rows = [.. Enumerable.Range(0, 6).Select(step => trainer.Step(step, batch, 1e-2))];
        Assert.Equal(Math.Log(2), rows[0].DpoLoss, 1e-12);
        Assert.True(rows[5].DpoLoss < 0.95 * Math.Log(2));
        Assert.Equal(batch.Select(item => item.Reference), batch.Select(item => trainer.Score(item.Pair)));
        Assert.True(adapter.Enabled);
        Assert.All(Weights(model), entry => Assert.Equal(before[entry.Key], entry.Value));
        Assert.All(adapter.Parameters(), entry => Assert.NotEqual(0, TinyModel.Values(entry.Parameter).Max(Math.Abs)));
    }

    private static Tensor LogProbAlone(LlavaQwenForCausalLM model, TrainingPair pair, Branch branch)
    {
        var alone = new BranchedSequence(pair.Sequence.Before, pair.Sequence.VideoTokens, pair.Sequence.After, [branch]);
        return SharedPrefixBatch.SumByBranch(alone, SharedPrefixBatch.TokenLogProbs(model, [alone], [model.ProjectFrames(pair.Patches)])[0]);
    }

    private static Dictionary<string, float[]> Gradients(LlavaQwenForCausalLM model) =>
        model.TrainableParameters().ToDictionary(entry => entry.Name, entry => TinyModel.Values(entry.Parameter.grad!));

    private static (TrainingPair Pair, ReferenceLogProbs Reference)[] Batch(LlavaQwenForCausalLM model, PreferenceTrainer trainer)
    {
        TrainingPair[] pairs =
        [
            Pair(model, "a", TinyModel.Tokens(21, 4), TinyModel.Tokens(22, 6)),
            Pair(model, "b", TinyModel.Tokens(23, 3), TinyModel.Tokens(24, 3)),
        ];
        return [.. pairs.Select(pair => (pair, trainer.Score(pair)))];
    }

    private static TrainingPair Pair(LlavaQwenForCausalLM model, string id, int[] chosen, int[] rejected) => new(
        id, TinyModel.Patches(2, id[0]),
        new BranchedSequence(TinyModel.Tokens(1, 3), VideoTokens.Count(2, model.Config), TinyModel.Tokens(2, 4), [new Branch([], chosen), new Branch([], rejected)]));

    private static Dictionary<string, float[]> Weights(LlavaQwenForCausalLM model) =>
        model.named_parameters().ToDictionary(entry => entry.name, entry => TinyModel.Values(entry.parameter));
}
