using System.CommandLine;
using Tpo.GpuJob.Memory;
using Tpo.Shared.Media;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Bench;

/// <summary>
/// `bench-answer`: a process that does nothing but load an exported model and answer one question about one video, and says
/// `peak_kb N prompt_tokens T`.
/// </summary>
public static class BenchAnswerCommand
{
    public static Command Create()
    {
        var folder = new Argument<DirectoryInfo>("FOLDER") { Description = "an exported model" };
        var frames = new Option<int>("--frames") { Description = "frames of noise", DefaultValueFactory = _ => 32 };
        var tokens = new Option<int>("--tokens") { Description = "tokens of the answer", DefaultValueFactory = _ => 16 };
        var question = new Option<string>("--question") { Description = "what is asked", DefaultValueFactory = _ => "What is shown?" };
        var command = new Command("bench-answer", "Answers one question and tells the peak of its memory (for ./tpo bench serving).") { folder, frames, tokens, question };
        command.SetAction(async (parsed, cancellation) =>
        {
            using var model = VideoLanguageModel.Load(
                parsed.GetValue(folder)!.FullName, "bench", new ServingOptions { Planned = plan => Console.Error.WriteLine($"At most: {plan}") });
            var answers = await model.AnswerAsync(
                Noise(model.ImageSize, parsed.GetValue(frames)), [parsed.GetValue(question)!], new GenerationOptions(parsed.GetValue(tokens)), cancellation);
            Console.WriteLine($"peak_kb {ResidentMemory.Peak() >> 10} prompt_tokens {answers[0].PromptTokens}");
            return 0;
        });
        return command;
    }

    private static RgbFrame[] Noise(int size, int count)
    {
        var random = new Random(7);
        return [.. Enumerable.Range(0, count).Select(index =>
        {
            var rgb = new byte[3 * size * size];
            random.NextBytes(rgb);
            return new RgbFrame(size, size, rgb, index, index);
        })];
    }
}
