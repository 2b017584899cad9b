using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Tpo.Functions.Api;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Reporting;

namespace Tpo.Functions.Benchmarks;

/// <summary>`/api/benchmark-groups`: runs of several suites that were asked for at once, by request or by the clock.</summary>
public sealed class BenchmarkGroupsApi(BenchmarkGroups groups, BenchmarkRuns runs)
{
    [Function("GetBenchmarkGroup")]
    [Description("Runs of several suites that were asked for at once: each one's status and row, and what they say together.")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "benchmark-groups/{group}")] HttpRequest http, string group,
        [DurableClient] DurableTaskClient durable, CancellationToken cancellation)
    {
        if (await groups.FindAsync(group, cancellation) is not { } found)
            return None(group);
        var seen = new List<BenchmarkRun>();
        foreach (var run in found.Runs)
            seen.Add(await runs.WithProgressAsync(run, durable, cancellation));
        return new OkObjectResult(found with { Runs = seen });
    }

    [Function("GetBenchmarkGroupReport")]
    [Description("The runs of a group as one self-contained page: a row a suite, all of them pooled, a link to each one's report.")]
    public async Task<IActionResult> Report(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "benchmark-groups/{group}/report")] HttpRequest http, string group, CancellationToken cancellation) =>
        await groups.FindAsync(group, cancellation) is { } found
            ? new ContentResult { Content = GroupPage.Render(found), ContentType = "text/html; charset=utf-8" }
            : None(group);

    private static IActionResult None(string group) => Problems.NotFound($"There is no group of benchmark runs '{group}'.");
}
