using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Reporting;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Benchmarks;

/// <summary>The steps of <see cref="RunBenchmark"/>; each may run twice and then changes nothing.</summary>
public sealed class BenchmarkActivities(
    TpoStorage storage, BenchmarkRuns runs, BenchmarkPlanner planner, BenchmarkAnswerer answerer, Gates gates, Catalog catalog, ILogger<BenchmarkActivities> log)
{
    [Function(nameof(PlanBenchmark))]
    public async Task<BenchmarkShard[]> PlanBenchmark([ActivityTrigger] string runId, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(runId, cancellation);
        var plan = await storage.TryReadJsonAsync<BenchmarkPlan>(Containers.Reports, ReportBlobs.Plan(run.Folder), cancellation);
        if (plan is null)
        {
            plan = await planner.PlanAsync(run, cancellation);
            await storage.WriteJsonAsync(Containers.Reports, ReportBlobs.Plan(run.Folder), plan, cancellation);
        }
        BenchmarkShard[] shards = [.. plan.Shards()];
        await runs.PutAsync(run with { Status = BenchmarkStatus.Answering, Total = shards.Length }, cancellation);
        return shards;
    }

    /// <summary>Asks one model everything about one video and stores the answers; stored answers are kept as they are.</summary>
    [Function(nameof(AnswerShard))]
    public async Task AnswerShard([ActivityTrigger] BenchmarkShard shard, CancellationToken cancellation)
    {
        var (plan, blob) = await OpenAsync(shard, cancellation);
        if (await storage.ExistsAsync(Containers.Reports, blob, cancellation))
        {
            log.LogInformation("The answers of {Model} about {Video} are kept: '{Blob}' exists.", shard.ModelId, shard.VideoId, blob);
            return;
        }
        var answers = await answerer.AnswerAsync(plan, shard, cancellation);
        // Datasets keep clear of what is asked here.
        if (answers.FirstOrDefault(answer => answer.VideoSha256 is not null)?.VideoSha256 is { } sha256)
            await catalog.PutAsync(Catalog.BenchmarkVideos, $"{plan.Suite}/{sha256}", new BenchmarkVideo(sha256, plan.Suite, shard.VideoId), cancellation);
        await storage.WriteJsonLinesAsync(Containers.Reports, blob, answers, cancellation);
    }

    [Function(nameof(RecordShardFailure))]
    public async Task RecordShardFailure([ActivityTrigger] ShardFailure failure, CancellationToken cancellation)
    {
        var (plan, blob) = await OpenAsync(failure.Shard, cancellation);
        if (!await storage.ExistsAsync(Containers.Reports, blob, cancellation))
            await storage.WriteJsonLinesAsync(Containers.Reports, blob, BenchmarkAnswerer.Unanswered(plan, failure.Shard, failure.Sentence), cancellation);
    }

    [Function(nameof(ScoreBenchmark))]
    public async Task<BenchmarkStatus> ScoreBenchmark([ActivityTrigger] string runId, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(runId, cancellation);
        await runs.PutAsync(run with { Status = BenchmarkStatus.Scoring, Done = run.Total }, cancellation);
        var plan = await storage.ReadJsonAsync<BenchmarkPlan>(Containers.Reports, ReportBlobs.Plan(run.Folder), cancellation);
        var answers = new List<StoredAnswer>();
        foreach (var shard in plan.Shards())
            answers.AddRange(await storage.ReadJsonLinesAsync<StoredAnswer>(
                Containers.Reports, ReportBlobs.Answers(run.Folder, shard), cancellation));
        var report = ReportBuilder.Build(plan, answers, run.CreatedAt, await runs.ListAsync(cancellation));
        await storage.WriteJsonAsync(Containers.Reports, ReportBlobs.Json(run.Folder), report, cancellation);
        await storage.WriteTextAsync(Containers.Reports, ReportBlobs.Html(run.Folder), ReportPage.Render(report), "text/html; charset=utf-8", cancellation);
        await WriteLmmsEvalAsync(run.Folder, plan, report, cancellation);
        run = run with { Status = BenchmarkStatus.Succeeded, Done = run.Total, Result = report.Result };
        await runs.PutAsync(run, cancellation);
        await DecideGateAsync(run, cancellation);
        return BenchmarkStatus.Succeeded;
    }

    private async Task WriteLmmsEvalAsync(string folder, BenchmarkPlan plan, BenchmarkReport report, CancellationToken cancellation)
    {
        for (var side = 0; side < plan.Models.Count; side++)
        {
            var model = plan.Models[side].ModelId;
            await storage.WriteTextAsync(
                Containers.Reports, ReportBlobs.LmmsResults(folder, model), LmmsEval.Results(report, side).ToJsonString(LmmsEval.Json), TpoStorage.JsonType, cancellation);
            var samples = string.Concat(LmmsEval.Samples(report, plan, side).Select(sample => sample.ToJsonString(LmmsEval.JsonLine) + "\n"));
            await storage.WriteTextAsync(Containers.Reports, ReportBlobs.LmmsSamples(folder, model, LmmsEval.Task(report)), samples, TpoStorage.JsonLinesType, cancellation);
        }
    }

    [Function(nameof(RecordBenchmarkFailure))]
    public async Task<BenchmarkStatus> RecordBenchmarkFailure([ActivityTrigger] BenchmarkFailure failure, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(failure.RunId, cancellation);
        run = run with { Status = BenchmarkStatus.Failed, Failure = failure.Sentence };
        await runs.PutAsync(run, cancellation);
        await DecideGateAsync(run, cancellation);
        return BenchmarkStatus.Failed;
    }

    private async Task DecideGateAsync(BenchmarkRun ended, CancellationToken cancellation)
    {
        if (await gates.DecideAsync(ended, cancellation) is { } record)
            log.LogInformation("The gate {Group} over {Runs} runs: {Sentence}", record.Group, record.Runs.Count, record.Sentence);
    }

    private async Task<(BenchmarkPlan Plan, string Blob)> OpenAsync(BenchmarkShard shard, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(shard.RunId, cancellation);
        var plan = await storage.ReadJsonAsync<BenchmarkPlan>(Containers.Reports, ReportBlobs.Plan(run.Folder), cancellation);
        return (plan, ReportBlobs.Answers(run.Folder, shard));
    }
}
