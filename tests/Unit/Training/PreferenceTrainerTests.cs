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

    [Fact]
    public void Eight_pairs_one_after_the_other_have_the_gradient_of_eight_in_one_batch()
    {
        using var scope = NewDisposeScope();
        using LlavaQwenForCausalLM model = TinyModel.Create();
        model.to(ScalarType.Float64);
        using var trainer = new PreferenceTrainer(model, Options);
        TrainingPair[] pairs = [.. Enumerable.Range(0, 8).Select(i => Pair(model, $"{(char)('a' + i)}", TinyModel.Tokens(30 + i, 2 + i), TinyModel.Tokens(50 + i, 9 - i)))];
        (TrainingPair Pair, ReferenceLogProbs Reference)[] batch = [.. pairs.Select(pair => (pair, trainer.Score(pair)))];
        trainer.Backward(batch);
        Dictionary<string, float[]> oneByOne = Gradients(model);

        model.zero_grad();
        IReadOnlyList<Tensor> tokens = SharedPrefixBatch.TokenLogProbs(model, [.. pairs.Select(pair => pair.Sequence)], [.. pairs.Select(pair => (Tensor?)model.ProjectFrames(pair.Patches))]);
        Tensor[] sums = [.. pairs.Zip(tokens, (pair, each) => SharedPrefixBatch.SumByBranch(pair.Sequence, each))];
        Tensor Of(Func<ReferenceLogProbs, double> side) => tensor([.. batch.Select(item => side(item.Reference))]);
        Tensor Side(int branch) => stack([.. sums.Select(each => each.select(0, branch))], 0);
        PreferenceLoss.Objective(
            new(Side(0), Side(1)), new(Of(one => one.Chosen), Of(one => one.Rejected)), new(ones(8), ones(8)), 8, pairs.Sum(pair => (long)pair.ChosenTokens), Options.Loss).Loss.backward();
        foreach ((string name, float[] gradient) in Gradients(model))
            Assert.True(TinyModel.Distance(gradient, oneByOne[name]) < 1e-6, $"{name} is {TinyModel.Distance(gradient, oneByOne[name]):E1} off");
    }

    [Fact]
    public void Ten_steps_of_adapter_and_projector_are_those_against_a_frozen_copy_of_the_start()
    {
        Assert.Equal(Run(frozenCopy: false), Run(frozenCopy: true));

        static string[] Run(bool frozenCopy)
        {
            using LlavaQwenForCausalLM model = TinyModel.Create(), start = TinyModel.Create();
            using var adapter = new LoraAdapter(model, rank: 2, alpha: 4);
            using var trainer = new PreferenceTrainer(model, Options with { TrainProjector = true }, adapter);
            using var reference = new PreferenceTrainer(start, Options);
            var batch = Batch(model, trainer);
            Assert.Contains("model.mm_projector.0.weight", trainer.Trained.Select(entry => entry.Name));
            return [.. Enumerable.Range(0, 10).Select(step =>
            {
                if (frozenCopy)
                    batch = [.. batch.Select(item => (item.Pair, reference.Score(item.Pair)))];
                TrainingMetrics row = trainer.Step(step, batch, 1e-2);
                return $"{row.Loss:R} {row.Margin:R} {row.GradientNorm:R}";
            })];
        }
    }

    [Fact]
    public void An_optimiser_in_the_machines_memory_makes_the_same_steps()
    {
        Assert.Equal(Run(offload: false), Run(offload: true));

        static string[] Run(bool offload)
        {
            using LlavaQwenForCausalLM model = TinyModel.Create();
            using var trainer = new PreferenceTrainer(model, Options with { OffloadOptimizer = offload });
            var batch = Batch(model, trainer);
            return [.. Enumerable.Range(0, 4).Select(step => trainer.Step(step, batch, 1e-2)).Select(row => $"{row.Loss:R} {row.GradientNorm:R}"), .. Weights(model).Select(entry => string.Join(' ', entry.Value))];
        }
    }

    [Fact]
    public void Bf16_with_masters_tracks_f32_at_a_published_rate_where_plain_bf16_does_not_move()
    {
        const int Steps = 200;
        const double Rate = 3e-7;
        Dictionary<string, float[]> start = Weights(TinyModel.Create());
        Dictionary<string, float[]> single = Trained(ScalarType.Float32), rounded = Trained(ScalarType.BFloat16);
        double change = 0, difference = 0;
        foreach ((string name, float[] to) in single)
            for (var i = 0; i < to.Length; i++)
                (change, difference) = (change + Math.Pow(to[i] - start[name][i], 2), difference + Math.Pow(to[i] - start[name][i] - (rounded[name][i] - (float)(BFloat(start[name][i]))), 2));
        Assert.True(Math.Sqrt(change) > 0);
        Assert.True(Math.Sqrt(difference / change) < 0.25, $"the changes differ by {Math.Sqrt(difference / change):P1}");

        using var scope = NewDisposeScope();
        using LlavaQwenForCausalLM plain = TinyModel.Create();
        plain.to(ScalarType.BFloat16);
        plain.FreezeVisionTower();
        Dictionary<string, float[]> before = Wide(plain);
        var parameters = plain.TrainableParameters().Select(entry => entry.Parameter).ToArray();
        using var optimizer = optim.AdamW(parameters, lr: Rate, weight_decay: 0);
        using var scorer = new PreferenceTrainer(plain, Options);
        TrainingPair pair = Batch(plain, scorer, ScalarType.BFloat16)[0].Pair;
        for (var step = 0; step < 20; step++)
        {
            using var one = NewDisposeScope();
            optimizer.zero_grad();
            (-PairForwards.Shared(plain, pair).LogProbs.select(0, 0)).backward();
            optimizer.step();
        }
        Assert.All(Wide(plain).Where(entry => entry.Key.EndsWith("proj.weight", StringComparison.Ordinal)), entry => Assert.True(
            entry.Value.Zip(before[entry.Key], (a, b) => a == b).Count(same => same) > 0.95 * entry.Value.Length, entry.Key));

        static Dictionary<string, float[]> Trained(ScalarType type)
        {
            using LlavaQwenForCausalLM model = TinyModel.Create();
            if (type != ScalarType.Float32)
                model.to(type);
            using var trainer = new PreferenceTrainer(model, Options);
            var batch = Batch(model, trainer, type);
            for (var step = 0; step < Steps; step++)
                trainer.Step(step, batch, Rate);
            Assert.All(trainer.Trained, entry => Assert.Equal(ScalarType.Float32, entry.Parameter.dtype));
            return trainer.Trained.ToDictionary(entry => entry.Name, entry => TinyModel.Values(entry.Parameter));
        }

        static float BFloat(float value)
        {
            using Tensor rounded = tensor(new[] { value }).to_type(ScalarType.BFloat16).to_type(ScalarType.Float32);
            return rounded.data<float>()[0];
        }

        static Dictionary<string, float[]> Wide(LlavaQwenForCausalLM model) =>
            model.TrainableParameters().ToDictionary(entry => entry.Name, entry => TinyModel.Values(entry.Parameter.detach().to_type(ScalarType.Float32)));
    }

    private static Tensor LogProbAlone(LlavaQwenForCausalLM model, TrainingPair pair, Branch branch)
    {
        var alone = new BranchedSequence(pair.Sequence.Before, pair.Sequence.VideoTokens, pair.Sequence.After, [branch]);
        return SharedPrefixBatch.SumByBranch(alone, SharedPrefixBatch.TokenLogProbs(model, [alone], [model.ProjectFrames(pair.Patches)])[0]);
    }

    private static Dictionary<string, float[]> Gradients(LlavaQwenForCausalLM model) =>
        model.TrainableParameters().ToDictionary(entry => entry.Name, entry => TinyModel.Values(entry.Parameter.grad!.to_type(ScalarType.Float32)));

    private static (TrainingPair Pair, ReferenceLogProbs Reference)[] Batch(LlavaQwenForCausalLM model, PreferenceTrainer trainer, ScalarType type = ScalarType.Float32)
    {
        TrainingPair[] pairs =
        [
            Pair(model, "a", TinyModel.Tokens(21, 4), TinyModel.Tokens(22, 6)),
            Pair(model, "b", TinyModel.Tokens(23, 3), TinyModel.Tokens(24, 3)),
        ];
        pairs = [.. pairs.Select(pair => pair with { Patches = pair.Patches.to_type(type) })];
        return [.. pairs.Select(pair => (pair, trainer.Score(pair)))];
    }

    private static TrainingPair Pair(LlavaQwenForCausalLM model, string id, int[] chosen, int[] rejected) => new(
        id, TinyModel.Patches(2, id[0]).to_type(model.Type),
        new BranchedSequence(TinyModel.Tokens(1, 3), VideoTokens.Count(2, model.Config), TinyModel.Tokens(2, 4), [new Branch([], chosen), new Branch([], rejected)]));

    private static Dictionary<string, float[]> Weights(LlavaQwenForCausalLM model) =>
        model.named_parameters().ToDictionary(entry => entry.name, entry => TinyModel.Values(entry.parameter));
}
