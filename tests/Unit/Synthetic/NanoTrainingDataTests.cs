using System.Text.Json;
using Tpo.GpuJob.Sft;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences.Local;

namespace Tpo.Tests.Unit.Synthetic;

public sealed class NanoTrainingDataTests : IDisposable
{
    private static readonly Curriculum Stages = new(1, 2, 2, 2, 2, 2, 2);
    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-nano-").FullName;

    [Fact]
    public void What_a_step_trains_on_depends_on_seed_and_step_alone()
    {
        var fresh = new SftSampler("train", 7, 64, weather: true);
        var used = new SftSampler("train", 7, 64, weather: true);
        for (var step = 0; step < 8; step++)
            used.Step(Stages, step);
        foreach (var step in new[] { 7, 0, 4 })
        {
            var (first, second) = (fresh.Step(Stages, step), used.Step(Stages, step));
            Assert.Equal(first.Select(half => half.Part), second.Select(half => half.Part));
            foreach (var (one, two) in first.Zip(second, (a, b) => (a.Draw(), b.Draw())))
            {
                Assert.Equal(one.SelectMany(Asked), two.SelectMany(Asked));
                Assert.Equal(one.SelectMany(sample => sample.Frames.SelectMany(frame => frame)), two.SelectMany(sample => sample.Frames.SelectMany(frame => frame)));
            }
        }
    }

    private static IEnumerable<(string, string)> Asked(SftSample sample) => sample.Questions.Select(question => (question.Prompt, question.Answer));

    [Fact]
    public void Longer_training_begins_with_the_same_data()
    {
        Assert.Equal(SftExport.DataHash(7, Stages, 64, 2), SftExport.DataHash(7, Stages with { FrameSteps = 9 }, 64, 2));
        Assert.NotEqual(SftExport.DataHash(7, Stages, 64, 2), SftExport.DataHash(8, Stages, 64, 2));
        var (a, b) = (new LearningRate(1e-3, 50, 100, 1000, 100), new LearningRate(1e-3, 50, 100, 5000, 100));
        Assert.All(Enumerable.Range(0, 900), step => Assert.Equal(a.At(step), b.At(step)));
        Assert.True(a.At(999) < 0.03 * a.At(899));
    }

    [Fact]
    public void Every_question_of_a_sample_is_answered_by_its_frames()
    {
        var sampler = new SftSampler("train", 7, 64, weather: false);
        var part = new StepPart(SampleView.Short, 1, 8, 30, false);
        for (var index = 0; index < 40; index++)
        {
            var questions = sampler.Sample(part, index).Questions;
            var things = questions.Single(question => question.Kind == QuestionKind.List).Answer;
            foreach (var question in questions.Where(question => question.Kind is QuestionKind.First or QuestionKind.Last or QuestionKind.After or QuestionKind.ShownWith))
                Assert.Contains(question.Answer[2..^1], things, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_question_about_each_names_every_event_that_comes_once_with_its_own_answer()
    {
        var shown = World.Video("train", 7, 3, WorldShape.Short).Sights();
        var questions = OpenQuestions.OfEach(shown, new WorldRandom(1)).ToDictionary(question => question.Question, question => question.Answer(shown).Split(", "));
        Assert.Equal(shown.Select(sight => $"{sight.Thing} {sight.Fact.Place}").Order(), questions[SceneLanguage.WhereIsEach].Order());
        Assert.Equal(shown.Select(sight => $"{sight.Thing} {sight.Number}").Order(), questions[SceneLanguage.DotsOfEach].Order());
        Assert.Equal(
            shown.Zip(shown.Skip(1), (one, next) => $"{one.Thing} {next.Thing}").Order(), questions[SceneLanguage.AfterEach].Order());
    }

    [Fact]
    public void What_chance_put_into_an_answer_is_read_and_not_learned()
    {
        var tokenizer = NanoTokenizer.Write(_folder);
        var question = new SftQuestion(QuestionKind.Place, SftSampler.Open, SceneLanguage.WhereIsEach, "red star left, blue ring top") { Given = ["red star", "blue ring"] };
        int[] answer = [.. tokenizer.Encode(question.Answer), tokenizer.SpecialId(ChatTemplate.TurnEnd)];
        Assert.Equal(
            [("red", false), (" star", false), (" left", true), (",", true), (" blue", false), (" ring", false), (" top", true), (ChatTemplate.TurnEnd, true)],
            answer.Select(token => tokenizer.Decode([token])).Zip(question.Learned(tokenizer, answer)));
    }

    [Fact]
    public void Alike_things_of_a_video_differ_in_colour_alone_or_in_shape_alone()
    {
        var videos = Enumerable.Range(0, 40).Select(index => World.Video("train", 7, index, WorldShape.Short with { Alike = 1 }).Sights()).ToList();
        Assert.All(videos, shown => Assert.True(
            shown.Take(5).Select(sight => sight.Fact.Shape).Distinct().Count() == 1 || shown.Take(5).Select(sight => sight.Fact.Colour).Distinct().Count() == 1));
        Assert.InRange(videos.Count(shown => shown.Select(sight => sight.Fact.Shape).Distinct().Count() == 1), 10, 30);
    }

    [Fact]
    public void Letters_of_each_name_the_options_that_are_true()
    {
        for (var index = 0; index < 30; index++)
        {
            var shown = World.Video("train", 7, index, WorldShape.Short).Sights();
            var random = new WorldRandom((ulong)index);
            var place = OpenQuestions.OfEach(shown, random).Single(question => question.Question == SceneLanguage.WhereIsEach);
            var (choice, answer, _) = place.Lettered(shown, random);
            string[] expected = [.. place.Asked.Where(one => choice.Candidates.Contains(shown[one.Subject].Fact.Place))
                .Select(one => $"{one.Cue} {"ABCD"[choice.Candidates.ToList().IndexOf(shown[one.Subject].Fact.Place)]}")];
            Assert.NotEmpty(expected);
            Assert.Equal(expected, answer.Split(", "));
        }
    }

    [Fact]
    public void Long_videos_are_only_asked_for_their_first_and_last_frame()
    {
        var curriculum = new Curriculum(0, 0, 0, 0, 0, 0, 0);
        var sampler = new SftSampler("train", 7, 64, weather: false);
        var parts = Enumerable.Range(0, 400).SelectMany(step => sampler.Step(curriculum, step)).ToList();
        Assert.All(parts.Where(half => half.Part.View != SampleView.Long), half => Assert.InRange(half.Part.Frames, 0, 8));
        foreach (var (_, draw) in parts.Where(half => half.Part.View == SampleView.Long).Take(5))
            Assert.All(draw(), sample => Assert.Equal(
                [SceneLanguage.DescribeFirstFrame, SceneLanguage.DescribeLastFrame], sample.Questions.Select(question => question.Prompt)));
        Assert.InRange(parts.Count(half => half.Part.View == SampleView.Long) / 400.0, 0.02, 0.15);
    }

    [Fact]
    public void No_stage_forgets_the_earlier_ones()
    {
        var sampler = new SftSampler("train", 7, 64, weather: false);
        var parts = Enumerable.Range(0, 1000).SelectMany(step => sampler.Step(new Curriculum(0, 0, 0, 0, 0, 0, 0), step)).GroupBy(half => half.Part.Choices);
        foreach (var half in parts)
            Assert.True(half.Count(step => step.Part.View is SampleView.Frame or SampleView.Text) > 0.15 * half.Count());
    }

    [Fact]
    public void Letters_that_are_learned_are_uniform_and_come_in_all_four_forms()
    {
        var sampler = new SftSampler("train", 7, 64, weather: false);
        var asked = Enumerable.Range(0, 300).SelectMany(index => sampler.Sample(new StepPart(SampleView.Text, 1, 0, 8, true), index).Questions).ToList();
        Assert.All(asked.GroupBy(question => question.Answer), group => Assert.InRange(group.Count() / (double)asked.Count, 0.22, 0.28));
        Assert.All(asked.GroupBy(question => question.Form), group => Assert.InRange(group.Count() / (double)asked.Count, 0.22, 0.28));
    }

    [Fact]
    public void What_is_taught_names_the_cue_then_the_text_then_the_letter_and_every_benchmarks_parser_reads_the_letter()
    {
        var sampler = new SftSampler("train", 7, 64, weather: false);
        var asked = Enumerable.Range(0, 200).SelectMany(index => sampler.Sample(new StepPart(SampleView.Text, 1, 0, 8, true) { Cued = true }, index).Questions).ToList();
        Assert.Equal(10, asked.Select(question => question.Kind).Distinct().Count());
        foreach (var question in asked)
        {
            var letter = question.Answer[^2..^1];
            Assert.EndsWith(" " + letter + ")", question.Answer);
            foreach (var benchmark in ChoiceBenchmarks.All)
                Assert.Equal(letter, benchmark.Parse(question.Answer, 4));
            if (question.Kind is QuestionKind.Place or QuestionKind.After)
                Assert.Contains(string.Join(' ', question.Answer.Split(' ')[..2]), question.Prompt, StringComparison.OrdinalIgnoreCase);
        }
    }

    [Fact]
    public void Kinds_are_added_a_few_at_a_time_and_none_is_dropped()
    {
        List<QuestionKind> Asked(int from) => [.. Enumerable.Range(from, 60).SelectMany(step => Widening.Plan(step, new WorldRandom((ulong)step))).SelectMany(part => part.Kinds ?? []).Distinct()];
        List<QuestionKind> first = Asked(0), second = Asked(700), third = Asked(1300), fourth = Asked(2000);
        Assert.Equal(4, first.Count);
        Assert.Subset(second.ToHashSet(), first.ToHashSet());
        Assert.Subset(third.ToHashSet(), second.ToHashSet());
        Assert.Subset(fourth.ToHashSet(), third.ToHashSet());
        Assert.Equal(Enum.GetValues<QuestionKind>().Except([QuestionKind.Caption, QuestionKind.Clock]).Order(), fourth.Order());
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
