using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Costs;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>
/// The frozen model answers all queries of one view in their fixed order. Batches are formed by plan, never by arrival: whatever is killed or
/// raced, the same questions meet the same frames together. Chosen and rejected are decoded alike (greedy), so that only the evidence differs.
/// </summary>
public sealed class AnswerView(Stage stage, FrozenModel frozen)
{
    private const int AnswerTokens = 128;
    internal const string PromptId = "answer@1";
    internal static readonly string Decoding = $"greedy/{AnswerTokens}";

    [Function(nameof(AnswerView))]
    public Task<StageResult> Run([ActivityTrigger] AnswerTask task, CancellationToken cancellation) => Stage.GuardedAsync(async () =>
    {
        var plan = await stage.ReadAsync<CurationPlan>(task.Plan, cancellation);
        var queries = (await stage.ReadAsync<WrittenQueries>(task.Queries, cancellation)).For(task.View);
        var inputs = new WorkInputs(
            ("video", plan.VideoId), ("view", task.View), ("frames", WorkInputs.Of(plan.Frames[task.View].Indices)), ("preprocess", plan.Preprocess),
            ("model", $"{plan.ModelId}@{plan.ModelRevision}"), ("questions", string.Join('\n', queries.Select(query => $"{query.QueryId} {query.Text}"))),
            ("prompt", PromptId), ("decoding", Decoding));
        var blob = CurationBlobs.Answers(plan.VideoId, task.View, inputs.Hash);
        await stage.OnceAsync(
            new Unit(CostStage.Answers, plan.VideoId, blob, inputs), () => AnswerAsync(plan, task.View, queries, cancellation),
            made => made.Answers.Aggregate(Cost.None, (sum, answer) => sum.Plus(answer.Cost)), cancellation);
        return new StageResult { Blob = blob };
    });

    private async Task<ViewAnswers> AnswerAsync(CurationPlan plan, string view, IReadOnlyList<Query> queries, CancellationToken cancellation)
    {
        using var model = await frozen.PolicyAsync(plan, cancellation);
        var (frames, seen) = await frozen.FramesAsync(plan, view, model, cancellation);
        var answers = await model.AnswerAsync(frames, [.. queries.Select(query => query.Text)], AnswerTokens, cancellation);
        return new ViewAnswers
        {
            VideoId = plan.VideoId,
            View = view,
            ModelId = model.ModelId,
            ModelRevision = model.Revision,
            Preprocess = plan.Preprocess,
            Decoding = Decoding,
            Seen = seen,
            Answers = [.. queries.Zip(answers, (query, answer) => new RecordedAnswer(
                query.QueryId, answer.Text, answer.Truncated, new Cost(answer.Seconds, answer.PromptTokens, answer.GeneratedTokens)))],
        };
    }
}
