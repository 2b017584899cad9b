using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>Questions about every segment and about the whole, from captions alone.</summary>
public sealed class WriteQueries(Stage stage, IQueryWriter writer)
{
    [Function(nameof(WriteQueries))]
    public Task<QueriedVideo> Run([ActivityTrigger] QueryTask task, CancellationToken cancellation) => Stage.GuardedAsync(async () =>
    {
        var plan = await stage.ReadAsync<CurationPlan>(task.Plan, cancellation);
        var inputs = new WorkInputs(
            ("video", plan.VideoId), ("captions", WorkInputs.Of(task.Captions)), ("cuts", WorkInputs.Of(plan.Cuts)),
            ("segments", WorkInputs.Of(plan.Segments.Select(segment => $"{segment.Span.Start:R}-{segment.Span.End:R}/{segment.GuardBandSeconds:R}"))),
            ("seed", $"{plan.Seed}"), ("writer", writer.PromptId));
        var blob = CurationBlobs.Queries(plan.VideoId, inputs.Hash);
        await stage.OnceAsync(new Unit(CostStage.Queries, plan.VideoId, blob, inputs), async () =>
        {
            var captions = await stage.ReadAllAsync<ViewCaptions>(task.Captions, cancellation);
            return await writer.WriteAsync(CaptionedVideo.Of(plan, captions.ToDictionary(view => view.View)), plan.Seed, cancellation);
        }, made => made.Cost, cancellation);
        var written = await stage.ReadAsync<WrittenQueries>(blob, cancellation);
        return new QueriedVideo { Blob = blob, Views = [.. plan.AnsweredViews.Where(view => written.For(view).Count > 0)] };
    });
}
