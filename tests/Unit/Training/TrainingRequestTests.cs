using Tpo.Shared.Models;
using Tpo.Shared.Training;

namespace Tpo.Tests.Unit.Training;

public sealed class TrainingRequestTests
{
    [Fact]
    public void The_defaults_and_every_preset_may_be_asked_for() =>
        Assert.All(TrainingPresets.All.Values.Append(new TrainingRequest()), request => Assert.Empty(TrainingRules.Check(request)));

    [Theory]
    [InlineData("longva-tpo", 0.3, 0.5, 4e-6)]
    [InlineData("llava-video-tpo", 0.2, 1.0, 3e-7)]
    public void Presets_are_the_published_runs_and_their_twins_differ_by_the_adapter_alone(string name, double beta, double alpha, double rate)
    {
        var full = TrainingPresets.All[name];
        Assert.Equal((beta, alpha, rate, 64, 32, 0.1, 0), (full.Beta, full.SftWeight, full.LearningRate, full.BatchSize, full.FramesPerVideo, full.WarmupRatio, full.LoraRank));
        Assert.Equal(full with { LoraRank = 16, LoraAlpha = 32, LearningRate = 10 * rate }, TrainingPresets.All[$"{name}-lora"]);
        Assert.Equal(157, full.StepsFor(10_000)); // the paper's 10,000 pairs
    }

    [Theory]
    [InlineData(1.0, 100, 8, 13)]
    [InlineData(0.5, 100, 8, 7)]
    [InlineData(0.001, 3, 8, 1)]
    public void Epochs_become_steps(double epochs, int pairs, int batch, int steps) =>
        Assert.Equal(steps, new TrainingRequest { Epochs = epochs, BatchSize = batch }.StepsFor(pairs));

    [Fact]
    public void Without_epochs_the_steps_decide() => Assert.Equal(12, new TrainingRequest().StepsFor(1000));

    public static TheoryData<string, TrainingRequest> Wrong => new()
    {
        { "lossForm", new TrainingRequest { LossForm = (PreferenceForm)9 } },
        { "labelSmoothing", new TrainingRequest { LabelSmoothing = 0.5 } },
        { "labelSmoothing", new TrainingRequest { LabelSmoothing = 0.1, LossForm = PreferenceForm.Hinge } },
        { "weightDecay", new TrainingRequest { WeightDecay = -1 } },
        { "maxGradientNorm", new TrainingRequest { MaxGradientNorm = 0 } },
        { "epochs", new TrainingRequest { Epochs = 0 } },
        { "loraRank", new TrainingRequest { LoraRank = -1 } },
        { "loraAlpha", new TrainingRequest { LoraAlpha = 4 } },
        { "trainProjector", new TrainingRequest { TrainProjector = true } },
        { "labelMask", new TrainingRequest { LabelMask = LabelMask.LlavaNext } },
        { "computeType", new TrainingRequest { ComputeType = (ComputeType)7 } },
        { "rounds", new TrainingRequest { Rounds = 0 } },
        { "rounds", new TrainingRequest { Rounds = 11 } },
        { "dataset", new TrainingRequest { Rounds = 2, Dataset = "default/0123456789abcdef" } },
        { "dataset", new TrainingRequest { Rounds = 2, Dataset = new string('a', 60) } },
    };

    [Fact]
    public void Rounds_go_with_a_name_and_the_error_says_that_a_version_does_not()
    {
        Assert.Empty(TrainingRules.Check(new TrainingRequest { Rounds = 10, Dataset = "nightly" }));
        Assert.Empty(TrainingRules.Check(new TrainingRequest { Dataset = "nightly/0123456789abcdef" }));
        Assert.Contains("a dataset's name alone, not `name/version`", Assert.Single(TrainingRules.Check(new TrainingRequest { Rounds = 2, Dataset = "nightly/0123456789abcdef" })).Sentence);
    }

    [Theory]
    [MemberData(nameof(Wrong))]
    public void What_is_wrong_is_named_by_its_field(string field, TrainingRequest request) => Assert.Equal(field, Assert.Single(TrainingRules.Check(request)).Field);
}
