using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask;
using Tpo.Shared.Costs;
using Tpo.Shared.Media;

namespace Tpo.Functions.Curation;

/// <summary>
/// A curated video's questions are answered by another model: same segments, frames, captions and questions, new answers and verdicts. What was curated before
/// stays what the video's pairs are; these are kept beside it, for one round of a training run. Does no I/O itself, and never ends as an exception.
/// </summary>
public static class AnswerAgain
{
    private static readonly TaskOptions Retried = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromSeconds(2), backoffCoefficient: 2));

    [Function(nameof(AnswerAgain))]
    public static async Task<StageResult> Run([OrchestrationTrigger] TaskOrchestrationContext context, AnswerAgainTask task)
    {
        try
        {
            context.SetCustomStatus(new CurationStage("planning"));
            var plan = CurateVideo.OrFail(await context.CallActivityAsync<PlannedAgain>(nameof(PlanAgain), task, Retried));

            var answers = await CurateVideo.ForViewsAsync(context, "answering", plan.Views!, nameof(AnswerView),
                view => new AnswerTask(plan.Blob!, plan.Queries!, view));

            context.SetCustomStatus(new CurationStage("judging"));
            var work = new JudgeTask(plan.Blob!, plan.Captions!, plan.Queries!, answers);
            var judged = CurateVideo.OrFail(await context.CallActivityAsync<StageResult>(nameof(JudgePairs), work, Retried));

            context.SetCustomStatus(new CurationStage("writing pairs"));
            return await context.CallActivityAsync<StageResult>(nameof(WriteRound), new WriteRoundTask(task, work, judged.Blob!), Retried);
        }
        catch (BadVideoException bad)
        {
            return new StageResult { Failure = bad.Message };
        }
        catch (BudgetReachedException full)
        {
            return new StageResult { Paused = full.Message };
        }
        catch (TaskFailedException failed)
        {
            return new StageResult { Failure = $"It stopped after three attempts at {failed.TaskName}: {failed.FailureDetails.ErrorMessage}" };
        }
    }
}

/// <param name="RoundRun">the training run of the round that wants the pairs</param>
/// <param name="ParentRun">the run of the round; once it is to end, no further video begins</param>
public sealed record AnswerAgainTask(string VideoId, string ModelId, string ModelRevision, string RoundRun, string ParentRun);

/// <summary>What is as it was (captions, questions) and the plan that names the other model.</summary>
public sealed record PlannedAgain : StageResult
{
    public string[]? Captions { get; init; }
    public string? Queries { get; init; }
    public string[]? Views { get; init; }
}

public sealed record WriteRoundTask(AnswerAgainTask Task, JudgeTask Work, string Judged);
