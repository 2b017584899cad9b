using Tpo.Shared.Benchmarks;
using Tpo.Shared.Reporting;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Benchmarks;

/// <summary>Stored answers become a report. It asks no model but the judge, whose words are stored too: scoring again costs nothing.</summary>
/// <param name="judge">null where no text model is set up: what needs one is then in no figure, and the report says how much that is</param>
public sealed class BenchmarkScoring(TpoStorage storage, BenchmarkRuns runs, IBenchmarkJudge? judge)
{
    /// <summary>The judge's words are stored every so many.</summary>
    private const int JudgedAtOnce = 20;

    /// <returns>The run, succeeded, with its row.</returns>
    public async Task<BenchmarkRun> ScoreAsync(BenchmarkRun run, CancellationToken cancellation)
    {
        await runs.PutAsync(run with { Status = BenchmarkStatus.Scoring }, cancellation);
        var plan = await storage.ReadJsonAsync<BenchmarkPlan>(Containers.Reports, ReportBlobs.Plan(run.Folder), cancellation);
        var answers = new List<StoredAnswer>();
        foreach (var shard in plan.Shards())
            answers.AddRange(await storage.ReadJsonLinesAsync<StoredAnswer>(Containers.Reports, ReportBlobs.Answers(run.Folder, shard), cancellation));
        var judgements = await JudgeAsync(run.Folder, plan, answers, cancellation);
        var report = ReportBuilder.Build(plan, answers, run.CreatedAt, await runs.ListAsync(cancellation), judgements);
        await storage.WriteJsonAsync(Containers.Reports, ReportBlobs.Json(run.Folder), report, cancellation);
        await storage.WriteTextAsync(Containers.Reports, ReportBlobs.Html(run.Folder), ReportPage.Render(report), "text/html; charset=utf-8", cancellation);
        await WriteLmmsEvalAsync(run.Folder, plan, report, answers, cancellation);
        run = run with { Status = BenchmarkStatus.Succeeded, PredictOnly = false, Result = report.Result, Failure = null };
        await runs.PutAsync(run, cancellation);
        return run;
    }

    private async Task<IReadOnlyDictionary<string, Judgements>> JudgeAsync(string folder, BenchmarkPlan plan, List<StoredAnswer> answers, CancellationToken cancellation)
    {
        var found = new Dictionary<string, Judgements>();
        var protocol = plan.Rules().Protocol;
        foreach (var model in protocol.Judge is null ? [] : plan.Models)
        {
            var (blob, id) = (ReportBlobs.Judged(folder, model.ModelId), model.ModelId);
            var said = await storage.TryReadJsonAsync<Judgements>(Containers.Reports, blob, cancellation);
            var raws = answers.Where(line => line.ModelId == id && line.WithoutVideo != true && line.Raw is not null).ToDictionary(line => line.QuestionId, line => line.Raw!);
            var open = judge is null ? [] : plan.Questions.Where(question => said?.Words.ContainsKey(question.Id) != true).ToList();
            foreach (var chunk in open.Chunk(JudgedAtOnce))
            {
                if (await BenchmarkJudging.JudgeAsync(protocol, chunk, raws, judge!, cancellation) is not { Words.Count: > 0 } more)
                    continue;
                said = more with { Words = new Dictionary<string, string>((said?.Words ?? new Dictionary<string, string>()).Concat(more.Words)) };
                await storage.WriteJsonAsync(Containers.Reports, blob, said, cancellation);
            }
            if (said is not null)
                found[id] = said;
        }
        return found;
    }

    private async Task WriteLmmsEvalAsync(string folder, BenchmarkPlan plan, BenchmarkReport report, List<StoredAnswer> answers, CancellationToken cancellation)
    {
        for (var side = 0; side < plan.Models.Count; side++)
        {
            var model = plan.Models[side].ModelId;
            await storage.WriteTextAsync(
                Containers.Reports, ReportBlobs.LmmsResults(folder, model), LmmsEval.Results(report, side).ToJsonString(LmmsEval.Json), TpoStorage.JsonType, cancellation);
            var prompts = answers.Where(line => line.ModelId == model && line.WithoutVideo != true).ToDictionary(line => line.QuestionId, line => line.Prompt);
            var samples = string.Concat(LmmsEval.Samples(report, plan, side, prompts).Select(sample => sample.ToJsonString(LmmsEval.JsonLine) + "\n"));
            await storage.WriteTextAsync(Containers.Reports, ReportBlobs.LmmsSamples(folder, model, LmmsEval.Task(report)), samples, TpoStorage.JsonLinesType, cancellation);
        }
    }
}
