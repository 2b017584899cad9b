using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Local;

namespace Tpo.Functions.Curation;

/// <summary>A caption a frame of one view, each frame shown alone.</summary>
public sealed class CaptionView(Stage stage, FrozenModel frozen)
{
    private const int CaptionTokens = 48;
    internal const string PromptId = "caption@1";

    [Function(nameof(CaptionView))]
    public Task<StageResult> Run([ActivityTrigger] ViewTask task, CancellationToken cancellation) => Stage.GuardedAsync(async () =>
    {
        var plan = await stage.ReadAsync<CurationPlan>(task.Plan, cancellation);
        var blob = CurationBlobs.Captions(plan.VideoId, task.View, PairIds.Hash(
            task.Plan, task.View, PromptId, SceneLanguage.DescribeFrame, $"{CaptionTokens}", plan.Preprocess));
        await stage.OnceAsync(blob, () => CaptionAsync(plan, task.View, cancellation), cancellation);
        return new StageResult { Blob = blob };
    });

    private async Task<ViewCaptions> CaptionAsync(CurationPlan plan, string view, CancellationToken cancellation)
    {
        var model = await frozen.OpenAsync(plan, cancellation);
        var frames = await frozen.FramesAsync(plan, view, model, cancellation);
        var answers = await model.AnswerEachFrameAsync(frames, SceneLanguage.DescribeFrame, new GenerationOptions(CaptionTokens), cancellation);
        return new ViewCaptions
        {
            VideoId = plan.VideoId,
            View = view,
            PromptId = PromptId,
            Captions = [.. frames.Zip(answers, (frame, answer) => new FrameCaption(frame.Index, frame.TimeSeconds, answer.Text))],
            Cost = answers.Aggregate(Cost.None, (sum, answer) => sum.Plus(new Cost(answer.Seconds, answer.PromptTokens, answer.GeneratedTokens))),
        };
    }
}
