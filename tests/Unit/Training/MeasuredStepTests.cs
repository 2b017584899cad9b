using Tpo.GpuJob.Bench;
using Tpo.GpuJob.Model;
using Tpo.Tests.Unit.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Training;

/// <summary>What `./tpo bench torch` times is a real training step.</summary>
public sealed class MeasuredStepTests
{
    [Fact]
    public void It_changes_every_weight_of_the_decoder_and_none_of_the_tower()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create();
        var before = model.named_parameters().ToDictionary(entry => entry.name, entry => TinyModel.Values(entry.parameter));
        using var step = new TrainingStep(model, batch: 2, length: 8);
        step.Run(0);
        string[] changed = [.. model.named_parameters().Where(entry => !TinyModel.Values(entry.parameter).SequenceEqual(before[entry.name])).Select(entry => entry.name)];
        Assert.Equal(before.Keys.Where(name => !name.Contains("vision_tower") && !name.Contains("mm_projector") && !name.Contains("newline")).Order(), changed.Order());
    }

    [Fact]
    public void Its_loss_is_the_mean_of_the_next_tokens_negative_log_probability_and_falls_where_the_tokens_repeat()
    {
        using LlavaQwenForCausalLM model = TinyModel.Create(TinyModel.Config with { VocabularySize = 7 });
        Initialisation.Initialise(model, seed: 1, deviation: 1e-3);
        using var step = new TrainingStep(model, batch: 2, length: 8);
        Assert.Equal(Math.Log(7), step.Run(0), 0.01);
        float[] losses = [.. Enumerable.Range(0, 60).Select(_ => step.Run(0))];
        Assert.True(losses[^1] < 0.9 * losses[0], $"{losses[0]} → {losses[^1]}");
    }
}
