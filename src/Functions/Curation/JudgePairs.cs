using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Costs;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Local;

namespace Tpo.Functions.Curation;

/// <summary>Both answers of every query meet the judge; kept or not, each becomes a record with its whole lineage. Where a language model judges, the judge of rules says what it thinks too.</summary>
public sealed class JudgePairs(Stage stage, VideoFiles files, IJudge judge, CaptionJudge rules)
{
    [Function(nameof(JudgePairs))]
    public Task<StageResult> Run([ActivityTrigger] JudgeTask task, CancellationToken cancellation) => Stage.GuardedAsync(async () =>
    {
        var plan = await stage.ReadAsync<CurationPlan>(task.Plan, cancellation);
        var asset = await files.AssetAsync(plan.VideoId, cancellation);
        var inputs = new WorkInputs(
            ("plan", task.Plan), ("captions", WorkInputs.Of(task.Captions)), ("queries", task.Queries), ("answers", WorkInputs.Of(task.Answers)),
            ("judge", judge.Id), ("filter", PairFilter.Version), ("name", asset.BlobName));
        var blob = CurationBlobs.Judged(plan.VideoId, inputs.Hash);
        try
        {
            await stage.OnceRowsAsync(new Unit(CostStage.Judge, plan.VideoId, blob, inputs), () => JudgeAsync(plan, asset, task, cancellation), cancellation);
            return new StageResult { Blob = blob };
        }
        catch (BrokenLineageException broken)
        {
            // Names are made from inputs, so what is wrong would be found again: it goes, and the next curation makes it anew.
            await stage.ForgetAsync([.. task.Captions, .. task.Answers], cancellation);
            return new StageResult { Failure = broken.Message };
        }
    });

    private async Task<IReadOnlyList<PreferencePair>> JudgeAsync(CurationPlan plan, VideoAsset asset, JudgeTask task, CancellationToken cancellation)
    {
        var captions = await stage.ReadAllAsync<ViewCaptions>(task.Captions, cancellation);
        var video = CaptionedVideo.Of(plan, captions.ToDictionary(view => view.View));
        var queries = await stage.ReadAsync<WrittenQueries>(task.Queries, cancellation);
        var answers = (await stage.ReadAllAsync<ViewAnswers>(task.Answers, cancellation)).ToDictionary(view => view.View);
        FrameLineage.Require(plan, captions, answers.Values);
        var promptIds = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["answer"] = AnswerView.PromptId, ["caption"] = captions[0].PromptId, ["decoding"] = AnswerView.Decoding, ["query"] = queries.PromptId,
        };

        var pairs = new List<PreferencePair>();
        foreach (var candidate in LocalizedPairs.Candidates(video, queries, answers).Concat(ComprehensivePairs.Candidates(video, queries, answers)))
        {
            var verdict = await PairFilter.JudgeAsync(candidate, judge, cancellation);
            pairs.Add(candidate.ToPair(verdict, plan, asset.BlobName, plan.Preprocess, promptIds) with
            {
                SecondOpinion = await PairFilter.SecondOpinionAsync(candidate, verdict, rules, cancellation),
            });
        }
        return pairs;
    }
}
