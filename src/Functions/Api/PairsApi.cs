using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Functions.Curation;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Api;

/// <summary>`/api/pairs`: preference pairs with their lineage, and the very frames that each answer came from.</summary>
public sealed class PairsApi(TpoStorage storage, Catalog catalog, VideoFiles files, FrameExtractor extractor)
{
    private const int FrameWidth = 160;

    [Function("ListPairs")]
    [Description("Lists kept pairs, newest first; ?rejected=true lists the candidates that the judge dropped, each with its reason.")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "pairs")] HttpRequest http, CancellationToken cancellation)
    {
        var text = http.Query["rejected"].ToString();
        var rejected = false;
        if (text.Length > 0 && !bool.TryParse(text, out rejected))
            return Problems.Invalid(("rejected", "Give true or false."));
        var entries = await catalog.ListAsync<PairEntry>(rejected ? Catalog.Rejected : Catalog.Pairs, cancellation);
        return Page<PairEntry>.Of([.. entries.Where(entry => !entry.Superseded).Reverse()], http);
    }

    [Function("GetPair")]
    [Description("One pair, kept or rejected, with its whole lineage.")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "pairs/{id}")] HttpRequest http, string id, CancellationToken cancellation) =>
        await FindAsync(id, cancellation) is { } pair ? new OkObjectResult(pair) : NoSuchPair(id);

    [Function("GetPairEvidence")]
    [Description("The captions that the judge read: of the frames that the query is about, and of the rest of the video.")]
    public async Task<IActionResult> GetEvidence(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "pairs/{id}/evidence")] HttpRequest http, string id, CancellationToken cancellation)
    {
        if (await FindAsync(id, cancellation) is not { } pair)
            return NoSuchPair(id);
        return await PairEvidence.ReadAsync(storage, pair, cancellation) is { } evidence
            ? new OkObjectResult(evidence)
            : Problems.NotFound($"The video of pair '{id}' has been planned anew since; its segment is none of the plan's any more.");
    }

    [Function("GetPairFrame")]
    [Description("The n-th frame (from 0) that the chosen or the rejected answer came from: /api/pairs/{id}/frames/chosen/0.png.")]
    public async Task<IActionResult> GetFrame(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "pairs/{id}/frames/{side}/{file}")] HttpRequest http,
        string id, string side, string file, CancellationToken cancellation)
    {
        if (side is not ("chosen" or "rejected"))
            return Problems.Invalid(("side", "Ask for 'chosen' or 'rejected'."));
        if (await FindAsync(id, cancellation) is not { } pair)
            return NoSuchPair(id);
        var plan = side == "chosen" ? pair.ChosenPlan : pair.RejectedPlan;
        if (Path.GetExtension(file) != ".png" || !int.TryParse(Path.GetFileNameWithoutExtension(file), out var n) || n < 0 || n >= plan.Indices.Length)
            return Problems.NotFound($"The {side} view of pair '{id}' has the frames 0.png to {plan.Indices.Length - 1}.png; '{file}' is none of them.");

        var png = await PictureAsync(pair.VideoId, new FramePlan(plan.View, [plan.Indices[n]], [plan.Times[n]]), cancellation);
        http.HttpContext.Response.Headers.CacheControl = "private, max-age=86400, immutable";
        return new FileContentResult(png, "image/png");
    }

    private async Task<byte[]> PictureAsync(string videoId, FramePlan plan, CancellationToken cancellation)
    {
        var video = await files.AssetAsync(videoId, cancellation);
        var path = await files.GetAsync(video, cancellation);
        var height = Math.Max(2, (int)Math.Round((double)FrameWidth * video.Height / video.Width));
        return PngImage.Encode((await extractor.ExtractAsync(path, plan, FrameWidth, height, cancellation))[0]);
    }

    private async Task<PreferencePair?> FindAsync(string id, CancellationToken cancellation)
    {
        var entry = await PairEntry.FindAsync(catalog, id, cancellation);
        if (entry is null or { Superseded: true })
            return null;
        var blob = entry.Reason is null ? CurationBlobs.Pairs(entry.VideoId) : CurationBlobs.Rejected(entry.VideoId);
        return (await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, blob, cancellation)).FirstOrDefault(pair => pair.PairId == id);
    }

    internal static IActionResult NoSuchPair(string id) => Problems.NotFound($"There is no pair '{id}' (GET /api/pairs lists them).");
}
