using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Api;

/// <summary>What `POST /api/models/{id}/promote` takes.</summary>
public sealed record PromotionRequest
{
    /// <summary>Who says so.</summary>
    public string By { get; init; } = "";
    /// <summary>Why, in a sentence: it is kept with the move.</summary>
    public string Why { get; init; } = "";
}

/// <summary>`/api/models`: what can caption, answer and be tuned, and which of them is `latest`.</summary>
public sealed class ModelsApi(Catalog catalog, LatestModels latest)
{
    private const int LongestName = 100, LongestReason = 2000;

    [Function("ListModels")]
    [Description("Lists registered models, newest first.")]
    public async Task<IActionResult> List(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "models")] HttpRequest http, CancellationToken cancellation) =>
        Page<ModelCard>.Of([.. (await catalog.ListAsync<ModelCard>(Catalog.Models, cancellation)).Reverse()], http);

    [Function("GetLatestModel")]
    [Description("Where `latest` points, who or what moved it there and why, and its moves before, newest first.")]
    public async Task<IActionResult> Latest(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "models/latest")] HttpRequest http, CancellationToken cancellation) =>
        new OkObjectResult(new LatestView(
            await latest.IdAsync(cancellation), await latest.FindAsync(cancellation), [.. (await latest.HistoryAsync(cancellation)).Reverse()]));

    [Function("PromoteModel")]
    [Description("A person moves `latest` to this model, whatever the gate said; who and why are kept.")]
    public async Task<IActionResult> Promote(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "models/{id}/promote")] HttpRequest http, string id,
        [Microsoft.AspNetCore.Mvc.FromBody] PromotionRequest request, CancellationToken cancellation)
    {
        if (Faults(request).ToArray() is { Length: > 0 } faults)
            return Problems.Invalid(faults);
        return await catalog.FindAsync<ModelCard>(Catalog.Models, id, cancellation) is { } card
            ? new OkObjectResult(await latest.PromoteAsync(card, request.By.Trim(), request.Why.Trim(), gateGroup: null, cancellation))
            : Problems.NotFound($"There is no model '{id}' (GET /api/models lists them).");
    }

    private static IEnumerable<(string Field, string Sentence)> Faults(PromotionRequest request)
    {
        if (request.By?.Trim() is not { Length: > 0 and <= LongestName })
            yield return ("by", $"Say who promotes it, in 1 to {LongestName} characters.");
        else if (request.By.Trim() == LatestModels.Gate)
            yield return ("by", $"'{LatestModels.Gate}' is the gate's own name; give yours.");
        if (request.Why?.Trim() is not { Length: > 0 and <= LongestReason })
            yield return ("why", $"Say why, in 1 to {LongestReason} characters.");
    }

    /// <param name="Promotion">null before anything was promoted: then `latest` is the base model</param>
    internal sealed record LatestView(string ModelId, LatestModel? Promotion, IReadOnlyList<LatestModel> History);
}
