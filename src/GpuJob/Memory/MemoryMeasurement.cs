using System.Globalization;
using Tpo.Shared.Media;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Memory;

/// <summary>Plan and truth of one process: what was planned for just what it then did, and the kernel's high-water mark of its resident memory.</summary>
/// <param name="Loaded">resident once the model was open</param>
public sealed record MemoryMeasurement(MemoryPlan Plan, long Loaded, long Measured)
{
    /// <summary>Planned peak ÷ measured peak.</summary>
    public double Ratio => (double)Plan.Peak / Measured;

    public override string ToString() => string.Create(CultureInfo.InvariantCulture,
        $"{Plan}\nplanned {Plan.Peak} bytes (loading {Plan.Load}), measured {Measured} bytes (loaded {Loaded}): ratio {Ratio:F3}");

    /// <summary>Answers about noise, in this process; so a process measures one model, once.</summary>
    public static async Task<MemoryMeasurement> RunAsync(string folder, ServingOptions options, MemoryWorkload workload, CancellationToken cancellation)
    {
        using var model = VideoLanguageModel.Load(folder, "measured", options);
        var served = ExportedModel.Open(folder, options.GraphFolder).Manifest;
        var loaded = ResidentMemory.Now();
        var video = Enumerable.Range(0, workload.Frames).Select(index => Noise(model.ImageSize, index)).ToArray();
        var tokenizer = Tokenizer.Load(folder);
        string[] questions = [.. Enumerable.Range(0, workload.Questions).Select(index => Question(tokenizer, index, workload.QuestionTokens))];
        var answers = await model.AnswerAsync(video, questions, new GenerationOptions(workload.AnswerTokens), cancellation);
        var asked = answers.Max(answer => answer.PromptTokens) - MemoryWorkload.SystemTokens - MemoryWorkload.VideoTokens(model.Config, workload.Frames);
        var done = workload with { QuestionTokens = asked };
        return new MemoryMeasurement(MemoryPlan.For(model.Config, served.Dtype, options, done, served.Int8Agreement is not null), loaded, ResidentMemory.Peak());
    }

    /// <summary>A question of about so many tokens with the template's own, unlike the others.</summary>
    private static string Question(Tokenizer tokenizer, int index, int tokens)
    {
        var words = new List<string> { $"What is thing {index}" };
        while (ChatTemplate.Turn(tokenizer, string.Join(' ', words)).Length < tokens)
            words.Add("and then");
        return string.Join(' ', words) + "?";
    }

    private static RgbFrame Noise(int size, int index)
    {
        var rgb = new byte[3 * size * size];
        new Random(index).NextBytes(rgb);
        return new RgbFrame(size, size, rgb, index, index);
    }
}
