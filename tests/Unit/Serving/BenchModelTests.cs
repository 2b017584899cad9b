using Tpo.GpuJob.Bench;
using Tpo.GpuJob.Export;
using Tpo.GpuJob.Model;
using Tpo.Shared.Media;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

/// <summary>The model that `./tpo bench serving` measures, here with a decoder that a test can afford.</summary>
public sealed class BenchModelTests
{
    private static readonly CheckpointConfig Narrow = BenchModel.Small with { HiddenSize = 192, IntermediateSize = 256, Layers = 2, VocabularySize = 600 };

    [Theory]
    [InlineData(210)]
    [InlineData(20)]
    public void It_has_a_hundred_million_weights_and_the_tokens_it_is_named_for(int tokensPerFrame)
    {
        var config = tokensPerFrame == 210 ? BenchModel.Large : BenchModel.Small;
        var weights = TensorShapes.Of(config).Values.Sum(shape => shape.Aggregate(1L, (product, size) => product * size));
        Assert.InRange(weights, 95_000_000, 105_000_000);
        Assert.Equal(tokensPerFrame, config.PooledPerSide * (config.PooledPerSide + 1));
        Assert.True(32 * tokensPerFrame + 1024 < config.MaxLength);
    }

    [Fact]
    public void It_has_the_same_bytes_from_one_time_to_the_next_and_is_kept_where_it_lies()
    {
        using var first = new TemporaryFolder();
        using var second = new TemporaryFolder();
        using var tokenizer = new TemporaryFolder();
        SmallTokenizer.WriteTo(tokenizer.Path);
        Assert.True(BenchModel.Write(Narrow, first.Path, tokenizer.Path));
        Assert.True(BenchModel.Write(Narrow, second.Path, tokenizer.Path));
        Assert.Equal(WeightFiles.Revision(first.Path), WeightFiles.Revision(second.Path));

        Assert.False(BenchModel.Write(Narrow, first.Path, tokenizer.Path));
        Assert.True(BenchModel.Write(Narrow with { Layers = 3 }, first.Path, tokenizer.Path));
        Assert.NotEqual(WeightFiles.Revision(first.Path), WeightFiles.Revision(second.Path));
    }

    [Fact]
    public async Task Its_answers_differ_with_the_question_and_can_be_read()
    {
        using var folder = new TemporaryFolder();
        using var tokenizer = new TemporaryFolder();
        BenchModel.Write(Narrow, folder.Path, SmallTokenizer.WriteTo(tokenizer.Path));
        OnnxExporter.Export(folder.Path);
        using var model = VideoLanguageModel.Load(folder.Path, "bench");
        var random = new Random(1);
        var frames = Enumerable.Range(0, 4).Select(index =>
        {
            var rgb = new byte[3 * model.ImageSize * model.ImageSize];
            random.NextBytes(rgb);
            return new RgbFrame(model.ImageSize, model.ImageSize, rgb, index, index);
        }).ToArray();
        var answers = await model.AnswerAsync(frames, ["What is shown first?", "And what comes last?"], new GenerationOptions(MaxNewTokens: 16));
        Assert.NotEqual(answers[0].Text, answers[1].Text);
        Assert.All(answers, answer => Assert.Contains("word", answer.Text));
        Assert.All(await model.AnswerAsync(frames, [.. Enumerable.Range(0, 20).Select(i => $"And what is thing {i}?")], new GenerationOptions(MaxNewTokens: 60)),
            answer => Assert.Equal(60, answer.GeneratedTokens));
    }
}
