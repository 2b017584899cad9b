using System.ComponentModel;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Azure.Functions.Worker;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Reviews;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Api;

/// <summary>What `POST /api/pairs/{id}/review` takes.</summary>
public sealed record ReviewRequest
{
    /// <summary>Who says so; a second review of the same person replaces the first.</summary>
    public string Reviewer { get; init; } = "";
    public ReviewDecision? Decision { get; init; }
    /// <summary>Of an edit: the better answer in new words.</summary>
    public string? Chosen { get; init; }
    /// <summary>Of an edit: the worse answer in new words.</summary>
    public string? Rejected { get; init; }
    public string? Note { get; init; }
}

/// <summary>`/api/pairs/{id}/review` and `/api/reviews`: what people think of pairs. The next dataset version follows it.</summary>
public sealed class ReviewsApi(ReviewStore reviews, Catalog catalog, TimeProvider time)
{
    private const int LongestName = 100, LongestText = 8000;

    [Function("ReviewPair")]
    [Description("Accepts, rejects, edits or flags a pair; the same reviewer again replaces the earlier review.")]
    public async Task<IActionResult> Post(
        [HttpTrigger(AuthorizationLevel.Function, "post", Route = "pairs/{id}/review")] HttpRequest http, string id,
        [Microsoft.AspNetCore.Mvc.FromBody] ReviewRequest request, CancellationToken cancellation)
    {
        if (Faults(request).ToArray() is { Length: > 0 } faults)
            return Problems.Invalid(faults);
        if (await PairEntry.FindAsync(catalog, id, cancellation) is not { } entry)
            return PairsApi.NoSuchPair(id);
        var review = new PairReview
        {
            PairId = id, Reviewer = request.Reviewer.Trim(), Decision = request.Decision!.Value, Chosen = request.Chosen?.Trim(), Rejected = request.Rejected?.Trim(),
            Note = request.Note, Kept = entry.Reason is null, At = time.GetUtcNow(),
        };
        await reviews.PutAsync(review, cancellation);
        return new OkObjectResult(review);
    }

    [Function("GetPairReviews")]
    [Description("All reviews of one pair, one a reviewer.")]
    public async Task<IActionResult> Get(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "pairs/{id}/review")] HttpRequest http, string id, CancellationToken cancellation) =>
        await PairEntry.FindAsync(catalog, id, cancellation) is null
            ? PairsApi.NoSuchPair(id)
            : new OkObjectResult((await reviews.AllAsync(cancellation)).Where(review => review.PairId == id));

    [Function("GetReviewAgreement")]
    [Description("How many reviews there are, and how far reviewers agree with each other and with the judge, and two judges with each other.")]
    public async Task<IActionResult> Agreement(
        [HttpTrigger(AuthorizationLevel.Function, "get", Route = "reviews")] HttpRequest http, CancellationToken cancellation) =>
        new OkObjectResult(ReviewAgreement.Of(await reviews.AllAsync(cancellation)) with
        {
            Judges = JudgeAgreement.Of([
                .. await catalog.ListAsync<PairEntry>(Catalog.Pairs, cancellation), .. await catalog.ListAsync<PairEntry>(Catalog.Rejected, cancellation)]),
        });

    private static IEnumerable<(string Field, string Sentence)> Faults(ReviewRequest request)
    {
        if (request.Reviewer.Trim() is not { Length: > 0 and <= LongestName })
            yield return ("reviewer", $"Say who reviews, in 1 to {LongestName} characters.");
        if (request.Decision is null)
            yield return ("decision", "Give accept, reject, edit or flag.");
        var edits = request.Decision == ReviewDecision.Edit;
        foreach (var (field, text) in new[] { ("chosen", request.Chosen), ("rejected", request.Rejected) })
        {
            if (text is not null && (!edits || text.Trim() is not { Length: > 0 and <= LongestText }))
                yield return (field, edits ? $"An answer has 1 to {LongestText} characters." : "Only an edit has new words; leave it out.");
        }
        if (edits && request is { Chosen: null, Rejected: null })
            yield return ("chosen", "An edit gives the new words of chosen, of rejected, or of both.");
    }
}
