namespace Tpo.Shared.Preferences.Reviews;

/// <summary>How reviews change what goes into a dataset. Pure: the same reviews always give the same pairs.</summary>
public static class ReviewedPairs
{
    public const string Rejected = "review-rejected", Flagged = "review-flagged", Unreviewed = "unreviewed";

    /// <summary>
    /// The pair as reviewed, or why it is left out. One flag or one rejection is enough: a pair in doubt is no pair. Of several edits the newest counts;
    /// an edited pair has an id of its own.
    /// </summary>
    /// <param name="reviews">of this pair, one a reviewer</param>
    public static (PreferencePair? Pair, string? Reason) Of(PreferencePair pair, IReadOnlyCollection<PairReview> reviews, bool reviewedOnly)
    {
        if (reviews.Count == 0)
            return reviewedOnly ? (null, Unreviewed) : (pair, null);
        if (reviews.Any(review => review.Decision == ReviewDecision.Flag))
            return (null, Flagged);
        if (reviews.Any(review => review.Decision == ReviewDecision.Reject))
            return (null, Rejected);
        var mark = new ReviewMark([.. reviews.Select(review => review.Reviewer).Order(StringComparer.Ordinal)]);
        return reviews.Where(review => review.Decision == ReviewDecision.Edit).MaxBy(review => review.At) is { } edit
            ? (PairIds.Sign(pair with { Chosen = edit.Chosen ?? pair.Chosen, Rejected = edit.Rejected ?? pair.Rejected }) with { Review = mark with { Edited = pair.PairId } }, null)
            : (pair with { Review = mark }, null);
    }
}
