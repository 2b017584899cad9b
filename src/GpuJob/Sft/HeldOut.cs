using Tpo.GpuJob.Model;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Models;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>Right answers of one kind of question in one view.</summary>
public sealed record HeldOutScore(string View, string Kind, int Right, int Asked)
{
    public double Share => (double)Right / Asked;
    public override string ToString() => $"{View,-8} {Kind,-14} {100 * Share,6:F1} %  of {Asked}";
}

/// <summary>How many questions on videos that training never sees are answered exactly, by view and kind.</summary>
public static class HeldOut
{
    /// <summary>Asks every question of the samples, a few videos at a time.</summary>
    public static IReadOnlyList<HeldOutScore> Score(
        LlavaQwenForCausalLM model, Tokenizer tokenizer, string view, IReadOnlyList<SftSample> samples)
    {
        using var frozen = no_grad();
        var answers = new List<(SftQuestion Question, bool Exact)>();
        foreach (var some in samples.Chunk(samples[0].Frames.Count == 1 ? 32 : 4))
        {
            var batch = new AnswerBatch(some, tokenizer, model.Config);
            answers.AddRange(batch.Exact(batch.Greedy(model)));
        }
        return [.. answers.GroupBy(answer => view == "echo" ? answer.Question.Form : Name(answer.Question)).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new HeldOutScore(view, group.Key, group.Count(answer => answer.Exact), group.Count()))];
    }

    /// <summary>Scores of all watched views.</summary>
    public static IReadOnlyList<HeldOutScore> Scores(LlavaQwenForCausalLM model, Tokenizer tokenizer) =>
        [.. Watched(model.Config.Vision.ImageSize).SelectMany(view => Score(model, tokenizer, view.View, view.Samples))];

    /// <summary>The views that are watched while training: drawn in memory, from the validation split, without weather.</summary>
    private static IEnumerable<(string View, IReadOnlyList<SftSample> Samples)> Watched(int side)
    {
        var sampler = new SftSampler("validation", 500, side, weather: false);
        (string, IReadOnlyList<SftSample>) View(string name, StepPart part) => (name, sampler.Samples(part, 0));
        yield return View("frame", new StepPart(SampleView.Frame, 160, 1, 7, false));
        yield return View("echo", new StepPart(SampleView.Echo, 30, 0, 3, true));
        yield return View("text", new StepPart(SampleView.Text, 40, 0, 8, true) { Cued = true });
        yield return View("short", new StepPart(SampleView.Short, 40, Parts.ShortFrames, 10, false));
        yield return View("short", new StepPart(SampleView.Short, 60, Parts.ShortFrames, 8, true) { Cued = true });
        yield return ("long", [.. sampler.Long(24, 8)]);
    }

    private static string Name(SftQuestion question) => question.Form == SftSampler.Open ? question.Kind.ToString() : $"{question.Kind}-letter";
}
