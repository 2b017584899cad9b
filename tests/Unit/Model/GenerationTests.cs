using Tpo.GpuJob.Model;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.Tests.Unit.Model;

/// <summary>Greedy continuations are compared with the references' in <see cref="VerifyTests"/>; here is the rest of the choosing.</summary>
public sealed class GenerationTests
{
    private static readonly float[] Logits = [.. new[] { 0.5, 0.3, 0.15, 0.05 }.Select(p => (float)Math.Log(p))];

    [Theory]
    [InlineData(1.0, 1.0, new[] { 0.5, 0.3, 0.15, 0.05 })]
    [InlineData(1.0, 0.7, new[] { 0.625, 0.375, 0, 0 })]
    [InlineData(1.0, 0.81, new[] { 0.5 / 0.95, 0.3 / 0.95, 0.15 / 0.95, 0 })]
    [InlineData(1.0, 0.01, new[] { 1.0, 0, 0, 0 })]
    [InlineData(0.5, 1.0, new[] { 0.25 / 0.365, 0.09 / 0.365, 0.0225 / 0.365, 0.0025 / 0.365 })]
    [InlineData(0.5, 0.9, new[] { 0.25 / 0.34, 0.09 / 0.34, 0, 0 })]
    public void Temperature_sharpens_and_top_p_keeps_the_smallest_set_of_likeliest_tokens(double temperature, double topP, double[] expected)
    {
        double[] found = Generation.Probabilities(Logits, temperature, topP);
        for (var i = 0; i < expected.Length; i++)
            Assert.Equal(expected[i], found[i], 1e-6);
    }

    [Fact]
    public void Draws_follow_the_probabilities()
    {
        var dice = new Random(5);
        int[] counts = new int[4];
        for (var i = 0; i < 20_000; i++)
            counts[Generation.Pick(Logits, 1, 0.81, dice)]++;
        // Four standard deviations of a share are below 0.015.
        Assert.Equal(0.5 / 0.95, counts[0] / 20_000.0, 0.015);
        Assert.Equal(0.3 / 0.95, counts[1] / 20_000.0, 0.015);
        Assert.Equal(0, counts[3]);
    }

    [Fact]
    public void Temperature_zero_takes_the_first_of_the_likeliest() =>
        Assert.Equal(1, Generation.Pick([0, 7, 7, 3], temperature: 0, topP: 1, new Random(1)));

    [Fact]
    public void A_stop_token_ends_the_answer_and_is_not_part_of_it()
    {
        (LlavaQwenForCausalLM model, Tensor prompt) = Prompt();
        IReadOnlyList<int> free = Generation.Generate(model, prompt, new GenerationChoices(12));
        Assert.Equal(12, free.Count);
        int stop = free[6];
        int first = free.ToList().IndexOf(stop);
        Assert.Equal(free.Take(first), Generation.Generate(model, prompt, new GenerationChoices(12, StopTokens: [stop])));
    }

    [Fact]
    public void The_same_seed_gives_the_same_answer_and_another_another()
    {
        (LlavaQwenForCausalLM model, Tensor prompt) = Prompt();
        var choices = new GenerationChoices(12, Temperature: 1.5, TopP: 0.95, Seed: 3);
        IReadOnlyList<int> answer = Generation.Generate(model, prompt, choices);
        Assert.Equal(answer, Generation.Generate(model, prompt, choices));
        Assert.NotEqual(answer, Generation.Generate(model, prompt, choices with { Seed = 4 }));
    }

    [Fact]
    public void A_video_goes_where_its_token_is_and_nowhere_else()
    {
        using var scope = NewDisposeScope();
        LlavaQwenForCausalLM model = TinyModel.Create();
        Tensor video = model.ProjectFrames(TinyModel.Patches(2, 9));
        Tensor rows = PlainSequence.Embed(model, [1, 2, -200, 3], video);
        Assert.Equal(3 + video.shape[0], rows.shape[0]);
        Assert.Equal(TinyModel.Values(video), TinyModel.Values(rows.narrow(0, 2, video.shape[0])));
        Assert.Contains("-200", Assert.Throws<ArgumentException>(() => PlainSequence.Embed(model, [1, 2], video)).Message.Replace('−', '-'));
        Assert.Throws<ArgumentException>(() => PlainSequence.Embed(model, [1, -200], null));
        Assert.Throws<ArgumentException>(() => PlainSequence.Embed(model, [-200, 1, -200], video));
    }

    private static (LlavaQwenForCausalLM Model, Tensor Prompt) Prompt()
    {
        LlavaQwenForCausalLM model = Checkpoint.Load(ModelGoldens.Own(ModelGoldens.Siglip));
        return (model, PlainSequence.Embed(model, [5, 9, 40, 2, 33], null).detach());
    }
}
