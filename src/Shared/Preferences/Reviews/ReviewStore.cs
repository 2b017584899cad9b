using Tpo.Shared.Storage;

namespace Tpo.Shared.Preferences.Reviews;

/// <summary>Reviews in storage: a blob each, and a line in the catalog.</summary>
public sealed class ReviewStore(TpoStorage storage, Catalog catalog)
{
    public async Task PutAsync(PairReview review, CancellationToken cancellation)
    {
        await storage.WriteJsonAsync(Containers.Curation, CurationBlobs.Review(review.PairId, PairIds.Hash(review.Reviewer)), review, cancellation);
        await catalog.PutAsync(Catalog.Reviews, $"{review.PairId}/{review.Reviewer}", review, cancellation);
    }

    /// <summary>The newest review of every pair and reviewer.</summary>
    public Task<IReadOnlyList<PairReview>> AllAsync(CancellationToken cancellation) => catalog.ListAsync<PairReview>(Catalog.Reviews, cancellation);
}
