using Tpo.GpuJob.Synthetic;
using Tpo.GpuJob.Synthetic.Suites;
using Tpo.Shared;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences.Local;

namespace Tpo.GpuJob.Experiment;

/// <summary>One answer of the model and whether it was right.</summary>
/// <param name="View">what was shown: caption, short, long, oracle, one frame, no video</param>
/// <param name="Form">a benchmark's name, or "open"</param>
public sealed record Examined(string Material, string View, string Form, QuestionKind Kind, string Video, bool Right);

/// <summary>
/// Asks the exported model through the product's own path: frames by ffmpeg out of H.264 files, answers by ONNX Runtime, letters by each
/// benchmark's parser.
/// </summary>
public sealed class Examiner(VideoLanguageModel model, TpoSettings settings)
{
    /// <summary>Frames of an event or of two that follow each other, as curation looks at a segment.</summary>
    public const int OracleFrames = 4;
    private readonly FrameExtractor _extractor = new(settings);

    /// <summary>Everything about one video; its file is decoded once.</summary>
    public async Task<IReadOnlyList<Examined>> ExamineAsync(Material material, SyntheticVideo video, CancellationToken cancel)
    {
        AskedQuestion[] asked = [.. material.Asked.Where(question => question.Question.Video == video)];
        var whole = FramePlanner.Uniform(video.FrameCount, SyntheticVideo.FramesPerSecond, material.Frames).Indices;
        int[] middle = [video.FrameCount / 2];
        var oracles = asked.Select(question => question.Question.Evidence).Distinct().ToDictionary(span => span, Oracle);
        var frames = await FramesAsync(material.PathOf(video), [.. whole, .. middle, .. oracles.Values.SelectMany(span => span)], cancel);

        var found = new List<Examined>();
        found.AddRange(await LettersAsync(material, material.Name, asked, questions => AnswerAsync(Pick(whole), questions, cancel)));
        found.AddRange(await LettersAsync(material, "one frame", asked, questions => AnswerAsync(Pick(middle), questions, cancel)));
        found.AddRange(await LettersAsync(material, "no video", asked, questions => model.AnswerBlindAsync(questions, Options(asked), cancel)));
        foreach (var span in asked.GroupBy(question => question.Question.Evidence))
            found.AddRange(await LettersAsync(material, "oracle", [.. span], questions => AnswerAsync(Pick(oracles[span.Key]), questions, cancel)));
        found.AddRange(await OpenAsync(material, video, whole, asked, questions => AnswerAsync(Pick(whole), questions, cancel)));
        found.AddRange(await CaptionsAsync(material, video, Pick(whole), cancel));
        return found;

        RgbFrame[] Pick(int[] indices) => [.. indices.Select(index => frames[index])];
    }

    private Task<IReadOnlyList<ModelAnswer>> AnswerAsync(IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, CancellationToken cancel) =>
        model.AnswerAsync(frames, questions, new GenerationOptions(LongVideoBench.MaxNewTokens), cancel);

    private static GenerationOptions Options(IEnumerable<AskedQuestion> asked) => new(asked.Max(question => Benchmark(question.Format).MaxNewTokens));

    private static ChoiceBenchmark Benchmark(ChoiceFormat format) => ChoiceBenchmarks.All[(int)format];

    private static async Task<IEnumerable<Examined>> LettersAsync(
        Material material, string view, IReadOnlyList<AskedQuestion> asked, Func<IReadOnlyList<string>, Task<IReadOnlyList<ModelAnswer>>> answer)
    {
        var answers = await answer([.. asked.Select(question => question.Prompt)]);
        return asked.Zip(answers, (question, said) => new Examined(
            material.Name, view, Benchmark(question.Format).Name, question.Question.Kind, question.Question.Video.Name,
            Benchmark(question.Format).Parse(said.Text, question.Options) == question.Gold));
    }

    /// <summary>The same questions without options, right when they are answered to the letter.</summary>
    private static async Task<IEnumerable<Examined>> OpenAsync(
        Material material, SyntheticVideo video, int[] whole, IReadOnlyList<AskedQuestion> asked, Func<IReadOnlyList<string>, Task<IReadOnlyList<ModelAnswer>>> answer)
    {
        // Frames tell no more of an event's span than the clocks of the first and last one that shows it.
        var truths = OpenQuestions.About(video.SightsIn(whole)).DistinctBy(open => open.Question).ToDictionary(open => open.Question, open => open.Answer);
        OpenQuestion[] open = [.. asked.Select(question => question.Question.Choice.Open).DistinctBy(question => question.Question)];
        var answers = await answer([.. open.Select(question => question.Question)]);
        return open.Zip(answers, (question, said) =>
            new Examined(material.Name, material.Name, "open", question.Kind, video.Name, said.Text == truths[question.Question]));
    }

    private async Task<IEnumerable<Examined>> CaptionsAsync(Material material, SyntheticVideo video, IReadOnlyList<RgbFrame> frames, CancellationToken cancel)
    {
        var answers = await model.AnswerEachFrameAsync(frames, SceneLanguage.DescribeFrame, new GenerationOptions(LongVideoBench.MaxNewTokens), cancel);
        return frames.Zip(answers, (frame, said) => new Examined(
            material.Name, "caption", "open", QuestionKind.Caption, video.Name, said.Text == video.Scenes[video.SceneAt(frame.Index)].Fact.Caption));
    }

    /// <summary>Uniform frames of the evidence, the rule of <see cref="FramePlanner.Segment"/>.</summary>
    private static int[] Oracle((int First, int Last) span) =>
        [.. FramePlanner.Uniform(span.Last - span.First + 1, SyntheticVideo.FramesPerSecond, OracleFrames).Indices.Select(index => span.First + index)];

    private async Task<IReadOnlyDictionary<int, RgbFrame>> FramesAsync(string path, IEnumerable<int> indices, CancellationToken cancel)
    {
        int[] wanted = [.. indices.Distinct().Order()];
        var plan = new FramePlan("whole", wanted, [.. wanted.Select(index => (double)index / SyntheticVideo.FramesPerSecond)]);
        var frames = await _extractor.ExtractAsync(path, plan, model.Recipe, cancel);
        return frames.ToDictionary(frame => frame.Index);
    }
}
