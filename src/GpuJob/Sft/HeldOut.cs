using System.Runtime.InteropServices;
using Tpo.GpuJob.Model;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Models;
using TorchSharp;
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
            using var scope = NewDisposeScope();
            var batch = new AnswerBatch(some, tokenizer, model.Config);
            Tensor greedy = batch.Forward(model).Logits.argmax(-1).cpu().contiguous();
            answers.AddRange(batch.Exact(MemoryMarshal.Cast<byte, long>(greedy.bytes).ToArray()));
        }
        return [.. answers.GroupBy(answer => Name(answer.Question)).OrderBy(group => group.Key, StringComparer.Ordinal)
            .Select(group => new HeldOutScore(view, group.Key, group.Count(answer => answer.Exact), group.Count()))];
    }

    /// <summary>Scores of all watched views.</summary>
    public static IReadOnlyList<HeldOutScore> Scores(LlavaQwenForCausalLM model, Tokenizer tokenizer) =>
        [.. Watched(model.Config.Vision.ImageSize).SelectMany(view => Score(model, tokenizer, view.View, view.Samples))];

    /// <summary>The views that are watched while training: drawn in memory, from the test split, without weather.</summary>
    private static IEnumerable<(string View, IReadOnlyList<SftSample> Samples)> Watched(int side)
    {
        var sampler = new SftSampler("test", 500, side, weather: false);
        (string, IReadOnlyList<SftSample>) View(StepPlan plan, int count) =>
            (plan.View.ToString().ToLowerInvariant(), [.. Enumerable.Range(0, count).Select(index => sampler.Sample(plan, index))]);
        yield return View(new StepPlan(SampleView.Frame, 1, 1, 1, 0), 192);
        yield return View(new StepPlan(SampleView.Text, 1, 0, 5, 0.2), 48);
        yield return View(new StepPlan(SampleView.Segment, 1, 4, 8, 0.1), 48);
        yield return View(new StepPlan(SampleView.Short, 1, 8, 8, 0.1), 32);
        yield return View(new StepPlan(SampleView.Whole, 1, World.CoveringFrames, 10, 0.1), 32);
    }

    private static string Name(SftQuestion question) => (question.Choice ? "choice-" : "") + question.Kind.ToString().ToLowerInvariant();
}
