using System.Diagnostics;
using Tpo.Cli.Verbs;
using Tpo.Shared.Media;
using Tpo.Shared.Models;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches;

/// <summary>What ten questions about one video cost against one, with the shipped small model: 16 frames, answers of at most 16 tokens, one thread.</summary>
internal static class ServingNano
{
    private const int Runs = 11;
    private const int Frames = 16;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellation)
    {
        var folder = await ShippedModel.ExportedCopyAsync("bench", cancellation);
        using var model = VideoLanguageModel.Load(folder, "tpo-nano");
        var video = Noise(model.ImageSize);
        string[] questions = [.. Enumerable.Range(0, 10).Select(i => $"What comes right after the thing number {i}?")];
        var options = new GenerationOptions(MaxNewTokens: 16);
        await model.AnswerAsync(video, questions, options, cancellation);

        // Alternating, so that a machine that slows down slows both.
        var one = new List<double>();
        var ten = new List<double>();
        for (var run = 0; run < Runs; run++)
        {
            one.Add(await SecondsAsync(() => model.AnswerAsync(video, questions[..1], options, cancellation)));
            ten.Add(await SecondsAsync(() => model.AnswerAsync(video, questions, options, cancellation)));
        }
        Console.WriteLine($"one question: median {Median(one) * 1000:F1} ms ({one.Min() * 1000:F1} to {one.Max() * 1000:F1}); ten: {Median(ten) * 1000:F1} ms ({ten.Min() * 1000:F1} to {ten.Max() * 1000:F1}), {Runs} runs each");
        return [new Figure("ten_questions_vs_one", Median([.. ten.Zip(one, (t, o) => t / o)]), '<', 5)];
    }

    private static RgbFrame[] Noise(int size)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, Frames).Select(index =>
        {
            var rgb = new byte[3 * size * size];
            random.NextBytes(rgb);
            return new RgbFrame(size, size, rgb, index, index);
        })];
    }

    private static async Task<double> SecondsAsync(Func<Task> work)
    {
        var clock = Stopwatch.StartNew();
        await work();
        return clock.Elapsed.TotalSeconds;
    }
}
