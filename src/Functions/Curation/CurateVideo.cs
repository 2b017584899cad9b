using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Shared.Costs;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Curation;

/// <summary>
/// One upload becomes preference pairs: probe, plan, caption, ask, answer twice, judge, write. Does no I/O itself; what passes here are names
/// of blobs, each made by one activity from the blobs before it. A video that cannot be curated ends as a `failed` record, one that
/// may cost no more as a `paused` one; never as an exception.
/// </summary>
public static class CurateVideo
{
    /// <summary>Activities in flight at once for one video.</summary>
    private const int Window = 200;
    private static readonly TaskOptions Retried = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(CurateVideo))]
    public static async Task<VideoStatus> Run([OrchestrationTrigger] TaskOrchestrationContext context, Upload upload)
    {
        try
        {
            context.SetCustomStatus(new CurationStage("probing"));
            var probed = await context.CallActivityAsync<ProbedVideo>(nameof(ProbeVideo), upload, Retried);
            if (OrFail(probed).DuplicateOf is not null)
                return VideoStatus.Duplicate;

            context.SetCustomStatus(new CurationStage("planning"));
            var plan = OrFail(await context.CallActivityAsync<PlannedVideo>(nameof(PlanSegments), probed.VideoId, Retried));

            var captions = await ForViewsAsync(context, "captioning", CurationPlan.CaptionedViews(plan.Segments), nameof(CaptionView),
                view => new ViewTask(plan.Blob!, view));

            context.SetCustomStatus(new CurationStage("writing queries"));
            var queries = OrFail(await context.CallActivityAsync<QueriedVideo>(nameof(WriteQueries), new QueryTask(plan.Blob!, captions), Retried));

            var answers = await ForViewsAsync(context, "answering", queries.Views!, nameof(AnswerView),
                view => new AnswerTask(plan.Blob!, queries.Blob!, view));

            context.SetCustomStatus(new CurationStage("judging"));
            var work = new JudgeTask(plan.Blob!, captions, queries.Blob!, answers);
            var judged = OrFail(await context.CallActivityAsync<StageResult>(nameof(JudgePairs), work, Retried));

            context.SetCustomStatus(new CurationStage("writing pairs"));
            await context.CallActivityAsync(nameof(WritePairs), new WriteTask(upload, work, judged.Blob!), Retried);
            return VideoStatus.Curated;
        }
        catch (BadVideoException bad)
        {
            return await CloseAsync(nameof(CloseFailedVideo), bad.Message);
        }
        catch (BudgetReachedException full)
        {
            return await CloseAsync(nameof(PauseVideo), full.Message);
        }
        catch (TaskFailedException failed)
        {
            return await CloseAsync(nameof(CloseFailedVideo), $"Curation stopped after three attempts at {failed.TaskName}: {failed.FailureDetails.ErrorMessage}");
        }

        Task<VideoStatus> CloseAsync(string activity, string sentence) =>
            context.CallActivityAsync<VideoStatus>(activity, new ClosedUpload(upload, sentence), Retried);
    }

    /// <summary>One activity a view, at most <see cref="Window"/> at once; the blobs come in the views' order.</summary>
    internal static async Task<string[]> ForViewsAsync(
        TaskOrchestrationContext context, string stage, IReadOnlyList<string> views, string activity, Func<string, object> input)
    {
        var blobs = new List<string>();
        foreach (var window in views.Chunk(Window))
        {
            context.SetCustomStatus(new CurationStage(stage, blobs.Count, views.Count));
            var results = await Task.WhenAll(window.Select(view => context.CallActivityAsync<StageResult>(activity, input(view), Retried)));
            blobs.AddRange(results.Select(result => OrFail(result).Blob!));
        }
        return [.. blobs];
    }

    internal static T OrFail<T>(T result) where T : StageResult => result switch
    {
        { Failure: { } failure } => throw new BadVideoException(failure),
        { Paused: { } full } => throw new BudgetReachedException(full),
        _ => result,
    };
}
