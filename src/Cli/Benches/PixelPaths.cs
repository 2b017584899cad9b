using System.Globalization;
using Tpo.Cli.Verbs;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches;

/// <summary>
/// What it changes that ffmpeg scales the frames while it decodes, against the published processors' resize of the decoded frame: pixels, the
/// log-probabilities of the same answers, and the answers themselves. The shipped model, made videos that it never saw, eight times its side.
/// </summary>
internal static class PixelPaths
{
    private const int Videos = 40, QuestionsAVideo = 5, Side = 512, MostFrames = 16;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellation)
    {
        var folder = await VideosAsync(cancellation);
        var benchmark = LongVideoBench.Load(await File.ReadAllTextAsync(Path.Combine(folder, LongVideoBench.FileName), cancellation));
        using var model = VideoLanguageModel.Load(await ShippedModel.ExportedCopyAsync("bench", cancellation), "tpo-nano");
        var pixels = new List<double>();
        var logProbabilities = new List<double>();
        var (questions, letters, texts) = (0, 0, 0);
        foreach (var video in benchmark.Questions.GroupBy(question => question.VideoPath))
        {
            var path = Path.Combine(folder, "videos", video.Key);
            var fast = await FramesAsync(path, model.Recipe with { Preprocess = ImageRecipe.ScaledByFFmpeg }, cancellation);
            var reference = await FramesAsync(path, model.Recipe with { Preprocess = ImageRecipe.Reference }, cancellation);
            pixels.Add(fast.Zip(reference).Average(pair => pair.First.Rgb.Zip(pair.Second.Rgb, (a, b) => Math.Abs(a - b)).Average()));

            var prompts = video.Select(question => question.Prompt).ToList();
            var options = new GenerationOptions(LongVideoBench.MaxNewTokens);
            var (one, other) = (await model.AnswerAsync(fast, prompts, options, cancellation), await model.AnswerAsync(reference, prompts, options, cancellation));
            for (var i = 0; i < prompts.Count; i++)
            {
                questions++;
                texts += one[i].Text == other[i].Text ? 0 : 1;
                letters += LongVideoBench.Parse(one[i].Text) == LongVideoBench.Parse(other[i].Text) ? 0 : 1;
                var (a, b) = (await ScoreAsync(fast, i), await ScoreAsync(reference, i));
                logProbabilities.AddRange(a.Zip(b, (x, y) => Math.Abs(x - y)));
            }

            async Task<IReadOnlyList<double>> ScoreAsync(IReadOnlyList<RgbFrame> frames, int question) =>
                (await model.ScoreAsync(frames, prompts[question], [one[question].Text], cancellation))[0].TokenLogProbabilities;
        }
        TableRow.Print(
            $"frames scaled by ffmpeg against the reference resize ({Side}×{Side} to {model.ImageSize}×{model.ImageSize}, {questions} questions, {pixels.Count} videos): mean pixel error a video (0 to 255), change of a token's log-probability, answers whose letter differs, whose words differ",
            string.Create(CultureInfo.InvariantCulture, $"{Spread(pixels, "F3")}; mean {logProbabilities.Average():F4}, most {logProbabilities.Max():F3}; {letters} ({(double)letters / questions:P1}), {texts} ({(double)texts / questions:P1})"),
            "./tpo bench pixels");
        return [];
    }

    private static async Task<string> VideosAsync(CancellationToken cancellation)
    {
        var folder = Path.Combine(Surroundings.Home, "bench", "pixels");
        if (!Directory.Exists(folder))
        {
            Console.WriteLine($"rendering {Videos} videos, once ...");
            await Job.RunAsync(["synth", "--kind", "benchmark", "--length", "short", "--split", "validation", "--count", $"{Videos}", "--questions", $"{QuestionsAVideo}", "--side", $"{Side}", "--seed", "11", "--out", folder + ".partial"], cancellation);
            Directory.Move(folder + ".partial", folder);
        }
        return folder;
    }

    private static async Task<IReadOnlyList<RgbFrame>> FramesAsync(string path, ImageRecipe recipe, CancellationToken cancellation)
    {
        var timeline = await VideoTimeline.ReadAsync(path, Surroundings.MediaSettings, cancellation);
        var plan = FramePlanner.Uniform(timeline.FrameCount, timeline.FrameCount / timeline.Seconds(timeline.FrameCount - 1), Math.Min(MostFrames, timeline.FrameCount));
        return await new FrameExtractor(Surroundings.MediaSettings).ExtractAsync(path, plan, recipe, cancellation);
    }
}
