using System.Text.Json;
using Tpo.GpuJob.Sft;
using Tpo.GpuJob.Synthetic;

namespace Tpo.Tests.Unit.Synthetic;

public sealed class NanoTrainingDataTests : IDisposable
{
    private static readonly Curriculum Stages = new(1, 3, 3);
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-nano-").FullName;

    [Fact]
    public void What_a_step_trains_on_depends_on_seed_and_step_alone()
    {
        var fresh = new SftSampler("train", 7, 32, weather: true);
        var used = new SftSampler("train", 7, 32, weather: true);
        for (var step = 0; step < 8; step++)
            used.Step(Stages, step);
        foreach (var step in new[] { 7, 0, 4 })
        {
            var (plan, samples) = fresh.Step(Stages, step);
            var (again, same) = used.Step(Stages, step);
            Assert.Equal(plan, again);
            Assert.Equal(samples.SelectMany(sample => sample.Questions), same.SelectMany(sample => sample.Questions));
            Assert.Equal(samples.SelectMany(sample => sample.Frames.SelectMany(frame => frame)), same.SelectMany(sample => sample.Frames.SelectMany(frame => frame)));
        }
    }

    [Fact]
    public void Longer_training_begins_with_the_same_data()
    {
        Assert.Equal(SftExport.DataHash(7, Stages, 32, 2), SftExport.DataHash(7, Stages with { ShortSteps = 9 }, 32, 2));
        Assert.NotEqual(SftExport.DataHash(7, Stages, 32, 2), SftExport.DataHash(8, Stages, 32, 2));
        var (a, b) = (new LearningRate(1e-3, 50, 100, 1000, 100), new LearningRate(1e-3, 50, 100, 5000, 100));
        Assert.All(Enumerable.Range(0, 900), step => Assert.Equal(a.At(step), b.At(step)));
        Assert.True(a.At(999) < 0.03 * a.At(899));
    }

    [Fact]
    public void Every_question_of_a_sample_is_answered_by_its_frames()
    {
        var sampler = new SftSampler("train", 7, 32, weather: false);
        var plan = new StepPlan(SampleView.Segment, 1, 4, 12, 0);
        for (var index = 0; index < 40; index++)
        {
            var things = sampler.Sample(plan, index).Questions.Single(question => question.Kind == QuestionKind.List).Answer;
            foreach (var question in sampler.Sample(plan, index).Questions.Where(question => question.Kind is QuestionKind.First or QuestionKind.Last or QuestionKind.After))
                Assert.Contains(question.Answer[2..^1], things, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Any_text_survives_the_tokenizer_and_words_of_the_world_are_one_token()
    {
        var tokenizer = NanoTokenizer.Write(_folder);
        Assert.InRange(tokenizer.Size, 300, NanoTokenizer.MaxTokens);
        foreach (var text in new[] { "a red circle at the left", "Grüße, 世界! 👍🏽 ☃\r\n\t x", "Only give the best option.\nBest option: (", "<|im_start|>" })
            Assert.Equal(text, tokenizer.Decode(tokenizer.Encode(text)));
        Assert.Equal(6, tokenizer.Encode("a purple triangle at the bottom").Length);
        using var file = JsonDocument.Parse(File.ReadAllText(Path.Combine(_folder, "tokenizer.json")));
        Assert.Equal("NFC", file.RootElement.GetProperty("normalizer").GetProperty("type").GetString());
        Assert.Equal(3, file.RootElement.GetProperty("added_tokens").GetArrayLength());
    }

    [Fact]
    public void Training_the_tokenizer_twice_gives_the_same_file()
    {
        NanoTokenizer.Write(_folder);
        var first = File.ReadAllBytes(Path.Combine(_folder, "tokenizer.json"));
        NanoTokenizer.Write(_folder);
        Assert.Equal(first, File.ReadAllBytes(Path.Combine(_folder, "tokenizer.json")));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
