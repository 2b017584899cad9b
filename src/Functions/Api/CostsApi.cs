using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Tpo.Functions.Curation;
using Tpo.Shared;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;

namespace Tpo.Functions.Api;

/// <summary>`/api/costs`: the bill; and going on with what a cap has paused.</summary>
public sealed class CostsApi(Ledger ledger, TpoSettings settings, VideoRecords records, ReconcileVideos reconcile)
{
    [Function("GetCosts")]
    [Description("What curation cost, in all and today, by day, by stage and by video, and the caps that are set.")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "costs")] HttpRequest http, CancellationToken cancellation) =>
        new OkObjectResult(CostReport.Of(await ledger.AllAsync(cancellation), settings.Costs, ledger.Today));

    [Function("EstimateCosts")]
    [Description("What curating so many more videos would cost at most: ?videos=100. From what units of work have cost so far, at today's prices.")]
    public async Task<IActionResult> Estimate(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "costs/estimate")] HttpRequest http, CancellationToken cancellation) =>
        int.TryParse(http.Query["videos"], out var videos) && videos is > 0 and <= 1_000_000
            ? new OkObjectResult(CostEstimate.Of(videos, await ledger.AllAsync(cancellation), settings))
            : Problems.Invalid(("videos", "Say how many videos, 1 to 1,000,000: ?videos=100."));

    [Function("ResumeCuration")]
    [Description("Goes on at once with the videos that a cap has paused, where there is room by now; without it that happens within five minutes.")]
    public async Task<IActionResult> Resume(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "curation/resume")] HttpRequest http, [DurableClient] DurableTaskClient client, CancellationToken cancellation)
    {
        var (resumed, stillPaused) = (new List<string>(), new List<string>());
        foreach (var paused in (await records.ListAsync(cancellation)).Where(record => record.Status == VideoStatus.Paused))
            (await reconcile.ResumeAsync(client, paused, cancellation) ? resumed : stillPaused).Add(paused.BlobName);
        return new OkObjectResult(new { resumed, stillPaused });
    }
}
