using System.Text.Json;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Training;
using Tpo.Shared.Training;
using Tpo.Tests.Unit.Model;
using Tpo.Tests.Unit.Serving;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Training;

public sealed class PreferenceTrainerTests
{
    private static readonly TrainerOptions Options = new(Beta: 0.1, DpoWeight: 1, SftWeight: 0.5);

    [Fact]
    public void Step_zero_shows_ln_2_and_training_opens_the_margin()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        using var trainer = new PreferenceTrainer(model, Options);
        var batch = Batch(model, trainer);
        TrainingMetrics[] rows = [.. Enumerable.Range(0, 6).Select(step => trainer.Step(step, batch, 1e-2))];
        Assert.Equal(Math.Log(2), rows[0].DpoLoss, 1e-6);
        Assert.Equal((0.0, 0.0, 0.0), (rows[0].RewardChosen, rows[0].RewardRejected, rows[0].Margin));
        Assert.Equal(Options.DpoWeight * rows[0].DpoLoss + Options.SftWeight * rows[0].SftLoss, rows[0].Loss, 1e-9);
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

    /// <summary>Ten steps of the reference trainer (β 0.3, label smoothing 0.1, decay 0.05, no SFT term), which it made in f64.</summary>
    [GoldenFact("dpo/golden.json")]
    public void Ten_steps_equal_the_reference_trainers()
    {
        JsonElement golden = JsonDocument.Parse(File.ReadAllBytes(Goldens.Folder("dpo", "golden.json")!)).RootElement;
        JsonElement[] steps = [.. golden.GetProperty("runs").GetProperty("dpo_only").GetProperty("steps").EnumerateArray()];
        using LlavaQwenForCausalLM model = Checkpoint.Load(Goldens.Folder("models", "tiny-llava-video")!);
        using var trainer = new PreferenceTrainer(model, new TrainerOptions(Beta: 0.3, DpoWeight: 1, SftWeight: 0, LabelSmoothing: 0.1, WeightDecay: 0.05));
        TrainingPair[] pairs = GoldenPairs(model, golden);
        (TrainingPair, ReferenceLogProbs)[] batch = [.. pairs.Select(pair => (pair, trainer.Score(pair)))];
        foreach (JsonElement expected in steps)
        {
            TrainingMetrics row = trainer.Step(expected.GetProperty("step").GetInt32(), batch, 3e-4);
            Assert.Equal(expected.GetProperty("losses/dpo").GetDouble(), row.DpoLoss, 2e-4);
            Assert.Equal(expected.GetProperty("rewards/margins").GetDouble(), row.Margin, 2e-3);
            double norm = expected.GetProperty("grad_norm").GetDouble();
            Assert.Equal(norm, row.GradientNorm, 2e-3 * norm);
        }
    }

    /// <summary>The reference also scores the prompt's marks, which are the same in both answers and cancel; here only the answers are scored.</summary>
    private static TrainingPair[] GoldenPairs(LlavaQwenForCausalLM model, JsonElement golden)
    {
        IReadOnlyDictionary<string, Tensor> videos = TensorFile.ReadAll(Path.Combine(Goldens.Folder("dpo")!, "videos.safetensors"));
        return [.. golden.GetProperty("pairs").EnumerateArray().Select((pair, index) =>
        {
            using var frozen = no_grad();
            Tensor patches = model.EncodeFrames(videos.Values.ElementAt(index));
            int[] chosen = Ints(pair, "chosen_input_ids");
            int[] rejected = Ints(pair, "rejected_input_ids");
            int answer = Ints(pair, "chosen_labels").ToList().LastIndexOf(-100) + 1;
            int video = Array.IndexOf(chosen, -200);
            int rows = VideoTokens.Count((int)patches.shape[0], model.Config);
            return new TrainingPair($"{index}", patches, new BranchedSequence(
                chosen[..video], rows, chosen[(video + 1)..answer], [new Branch([], chosen[answer..]), new Branch([], rejected[answer..])]));
        })];
    }

    private static int[] Ints(JsonElement pair, string name) => [.. pair.GetProperty(name).EnumerateArray().Select(value => value.GetInt32())];

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
