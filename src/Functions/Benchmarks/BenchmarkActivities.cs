using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Benchmarks;

/// <summary>The steps of <see cref="RunBenchmark"/>; each may run twice and then changes nothing.</summary>
public sealed class BenchmarkActivities(
    TpoStorage storage, BenchmarkRuns runs, BenchmarkPlanner planner, BenchmarkAnswerer answerer, BenchmarkScoring scoring, Gates gates, Catalog catalog, ILogger<BenchmarkActivities> log)
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

    /// <summary>Asks one model everything about one video and stores the answers as they come; stored answers are kept as they are.</summary>
    [Function(nameof(AnswerShard))]
    public async Task AnswerShard([ActivityTrigger] BenchmarkShard shard, CancellationToken cancellation)
    {
        var (plan, blob) = await OpenAsync(shard, cancellation);
        var kept = await KeptAsync(blob, cancellation);
        if (kept.Count > 0)
            log.LogInformation("{Count} answers of {Model} about {Video} are kept: '{Blob}' has them.", kept.Count, shard.ModelId, shard.VideoId, blob);
        var known = false;
        await answerer.AnswerAsync(plan, shard, kept, async lines =>
        {
            // Datasets keep clear of what is asked here.
            if (!known && lines.FirstOrDefault(line => line.VideoSha256 is not null)?.VideoSha256 is { } sha256)
                await catalog.PutAsync(Catalog.BenchmarkVideos, $"{plan.Suite}/{sha256}", new BenchmarkVideo(sha256, plan.Suite, shard.VideoId), cancellation);
            known = true;
            await storage.WriteJsonLinesAsync(Containers.Reports, blob, lines, cancellation);
        }, cancellation);
    }

    /// <summary>What a shard has no answer to has the reason.</summary>
    [Function(nameof(RecordShardFailure))]
    public async Task RecordShardFailure([ActivityTrigger] ShardFailure failure, CancellationToken cancellation)
    {
        var (plan, blob) = await OpenAsync(failure.Shard, cancellation);
        var kept = (await KeptAsync(blob, cancellation)).ToDictionary(line => line.QuestionId, StringComparer.Ordinal);
        await storage.WriteJsonLinesAsync(
            Containers.Reports, blob, plan.Unanswered(failure.Shard, failure.Sentence).Select(line => kept.GetValueOrDefault(line.QuestionId, line)), cancellation);
    }

    private async Task<IReadOnlyList<StoredAnswer>> KeptAsync(string blob, CancellationToken cancellation) =>
        await storage.ExistsAsync(Containers.Reports, blob, cancellation)
            ? await storage.ReadJsonLinesAsync<StoredAnswer>(Containers.Reports, blob, cancellation) : [];

    [Function(nameof(ScoreBenchmark))]
    public async Task<BenchmarkStatus> ScoreBenchmark([ActivityTrigger] string runId, CancellationToken cancellation)
    {
        var run = await runs.GetAsync(runId, cancellation);
        run = run with { Done = run.Total };
        if (run.PredictOnly)
            await runs.PutAsync(run with { Status = BenchmarkStatus.Succeeded }, cancellation);
        else
            await DecideGateAsync(await scoring.ScoreAsync(run, cancellation), cancellation);
        return BenchmarkStatus.Succeeded;
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
