using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Local;

namespace Tpo.Functions.Curation;

/// <summary>A caption a frame of one view, each frame shown alone.</summary>
public sealed class CaptionView(Stage stage, FrozenModel frozen, RemoteRoles remote)
{
    /// <summary>What is asked, and its name in the lineage. Models of this machine know their own short request; others are told how much to say.</summary>
    private (string Id, string Text, int Tokens) Prompt => remote.CaptionsBy is { } captioner
        ? ($"caption-freely@1@{captioner.ModelId}@{captioner.Revision}/{captioner.Preprocess}", "Describe what this frame shows in one or two plain sentences.", 128)
        : ("caption@1", SceneLanguage.DescribeFrame, 48);

    [Function(nameof(CaptionView))]
    public Task<StageResult> Run([ActivityTrigger] ViewTask task, CancellationToken cancellation) => Stage.GuardedAsync(async () =>
    {
        var plan = await stage.ReadAsync<CurationPlan>(task.Plan, cancellation);
        var inputs = new WorkInputs(
            ("video", plan.VideoId), ("view", task.View), ("frames", WorkInputs.Of(plan.Frames[task.View].Indices)), ("preprocess", plan.Preprocess),
            ("model", remote.CaptionsBy is { } captioner ? $"{captioner.ModelId}@{captioner.Revision}" : $"{plan.ModelId}@{plan.ModelRevision}"),
            ("prompt", Prompt.Id), ("text", Prompt.Text), ("tokens", $"{Prompt.Tokens}"));
        var blob = CurationBlobs.Captions(plan.VideoId, task.View, inputs.Hash);
        await stage.OnceAsync(new Unit(CostStage.Captions, plan.VideoId, blob, inputs), () => CaptionAsync(plan, task.View, cancellation), made => made.Cost, cancellation);
        return new StageResult { Blob = blob };
    });

    private async Task<ViewCaptions> CaptionAsync(CurationPlan plan, string view, CancellationToken cancellation)
    {
        using var model = await frozen.CaptionerAsync(plan, cancellation);
        var (frames, seen) = await frozen.FramesAsync(plan, view, model, cancellation);
        var answers = await model.AnswerEachFrameAsync(frames, Prompt.Text, Prompt.Tokens, cancellation);
        return new ViewCaptions
        {
            VideoId = plan.VideoId,
            View = view,
            PromptId = Prompt.Id,
            Seen = seen,
            Captions = [.. frames.Zip(answers, (frame, answer) => new FrameCaption(frame.Index, frame.TimeSeconds, answer.Text.ReplaceLineEndings(" ")))],
            Cost = answers.Aggregate(Cost.None, (sum, answer) => sum.Plus(new Cost(answer.Seconds, answer.PromptTokens, answer.GeneratedTokens))),
        };
    }
}
