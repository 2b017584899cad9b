using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Tpo.Functions.Api;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Benchmarks;

/// <summary>`/api/benchmarks`: start, list and follow runs, read their reports and the answers behind them.</summary>
public sealed class BenchmarkApi(BenchmarkRuns runs, BenchmarkGroups groups, BenchmarkRules rules, BenchmarkScoring scoring, Gates gates, TpoStorage storage)
{
    [Function("StartBenchmark")]
    [Description("Compares a candidate with a baseline on a suite, or on several (`suites`); the answer's Location is its status. A repeated Idempotency-Key starts nothing twice.")]
    public async Task<IActionResult> Start(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "benchmarks")] HttpRequest http,
        [FromBody] BenchmarkRequest request, [DurableClient] DurableTaskClient durable, CancellationToken cancellation)
    {
        if (request.Suites is not null)
        {
            var (group, problems) = await groups.StartAsync(IdempotencyKey.RunId(http, "bench"), request, durable, cancellation);
            return group is null ? Problems.Invalid([.. problems]) : new AcceptedResult($"/api/benchmark-groups/{group.Group}", group);
        }
        var (resolved, errors) = await rules.ResolveAsync(request, cancellation);
        if (resolved is null)
            return Problems.Invalid([.. errors]);
        var run = await runs.StartAsync(IdempotencyKey.RunId(http, "bench"), request, resolved, durable, cancellation);
        return new AcceptedResult($"/api/benchmarks/{run.RunId}", run);
    }

    [Function("ListBenchmarks")]
    [Description("Lists benchmark runs, newest first.")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "benchmarks")] HttpRequest http, CancellationToken cancellation) =>
        Page<BenchmarkRun>.Of(await runs.ListAsync(cancellation), http);

    [Function("GetBenchmark")]
    [Description("One benchmark run: its status, how many shards are done, its row or why it failed.")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "benchmarks/{id}")] HttpRequest http, string id,
        [DurableClient] DurableTaskClient durable, CancellationToken cancellation)
    {
        if (await runs.FindAsync(id, cancellation) is not { } run)
            return NoRun(id);
        return new OkObjectResult(await runs.WithProgressAsync(run, durable, cancellation));
    }

    [Function("ScoreBenchmarkAgain")]
    [Description("Scores a run's stored answers, those of a predict-only run or by a newer parser; asks no model but the judge. It moves no gate.")]
    public async Task<IActionResult> Score(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "benchmarks/{id}/score")] HttpRequest http, string id, CancellationToken cancellation)
    {
        if (await runs.FindAsync(id, cancellation) is not { } run)
            return NoRun(id);
        if (run.Status is not BenchmarkStatus.Succeeded)
            return Problems.Conflict($"The benchmark run '{id}' is {run.Status.ToString().ToLowerInvariant()}: only one that has all its answers can be scored.");
        return new OkObjectResult(await scoring.ScoreAsync(run, cancellation));
    }

    [Function("GetBenchmarkReport")]
    [Description("A finished run's report as a self-contained page.")]
    public async Task<IActionResult> Report(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "benchmarks/{id}/report")] HttpRequest http, string id, CancellationToken cancellation)
    {
        if (await runs.FindAsync(id, cancellation) is not { } run)
            return NoRun(id);
        return await storage.TryReadTextAsync(Containers.Reports, ReportBlobs.Html(run.Folder), cancellation) is { } page
            ? new ContentResult { Content = page, ContentType = "text/html; charset=utf-8" }
            : Problems.NotFound($"The benchmark run '{id}' has no report: it is {run.Status.ToString().ToLowerInvariant()}.");
    }

    [Function("GetBenchmarkAnswers")]
    [Description("What one model said about one video's questions, as it was stored before scoring (JSON lines).")]
    public async Task<IActionResult> Answers(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "benchmarks/{id}/answers/{model}/{file}")] HttpRequest http,
        string id, string model, string file, CancellationToken cancellation)
    {
        if (await runs.FindAsync(id, cancellation) is not { } run)
            return NoRun(id);
        var video = file.EndsWith(".jsonl", StringComparison.Ordinal) ? file[..^".jsonl".Length] : file;
        return await storage.TryReadTextAsync(Containers.Reports, ReportBlobs.Answers(run.Folder, model, video), cancellation) is { } lines
            ? new ContentResult { Content = lines, ContentType = "application/x-ndjson; charset=utf-8" }
            : Problems.NotFound($"The benchmark run '{id}' has no answers of '{model}' about '{video}'.");
    }

    [Function("GetBenchmarkReportJson")]
    [Description("A finished run's report for programs: every number of the page and the answers behind them.")]
    public Task<IActionResult> ReportJson(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "benchmarks/{id}/report.json")] HttpRequest http, string id, CancellationToken cancellation) =>
        FileAsync(id, run => ReportBlobs.Json(run.Folder), TpoStorage.JsonType, cancellation);

    [Function("GetBenchmarkLmmsEval")]
    [Description("One model's figures (results.json) or answers (samples_TASK.jsonl) in the shape of lmms-eval's files.")]
    public Task<IActionResult> LmmsEvalFile(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "benchmarks/{id}/lmms-eval/{model}/{file}")] HttpRequest http,
        string id, string model, string file, CancellationToken cancellation) =>
        FileAsync(
            id, run => ReportBlobs.LmmsFile(run.Folder, model, file), file.EndsWith(".json", StringComparison.Ordinal) ? TpoStorage.JsonType : TpoStorage.JsonLinesType, cancellation);

    [Function("GetGate")]
    [Description("What a gate decided over its runs, by the name that they share, and whether `latest` moved.")]
    public async Task<IActionResult> Gate(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "gates/{group}")] HttpRequest http, string group, CancellationToken cancellation) =>
        await gates.FindAsync(group, cancellation) is { } record
            ? new OkObjectResult(record)
            : Problems.NotFound($"There is no decided gate '{group}': no run has that name, or not all of its runs have ended.");

    private async Task<IActionResult> FileAsync(string id, Func<BenchmarkRun, string> blob, string type, CancellationToken cancellation)
    {
        if (await runs.FindAsync(id, cancellation) is not { } run)
            return NoRun(id);
        return await storage.TryReadTextAsync(Containers.Reports, blob(run), cancellation) is { } text
            ? new ContentResult { Content = text, ContentType = $"{type}; charset=utf-8" }
            : Problems.NotFound($"The benchmark run '{id}' has no file '{blob(run)}': it is {run.Status.ToString().ToLowerInvariant()}.");
    }

    private static IActionResult NoRun(string id) => Problems.NotFound($"There is no benchmark run '{id}'.");
}
