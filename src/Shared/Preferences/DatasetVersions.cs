using Tpo.Shared.Storage;

namespace Tpo.Shared.Preferences;

/// <summary>How a version of a dataset gets its name and is put into storage, whoever made its pairs.</summary>
public static class DatasetVersions
{
    private const int Length = 16;

    /// <summary>Prefix of the hash of the ordered pairs, and of who reviewed them: the same pairs always make the same version.</summary>
    public static string Of(IEnumerable<PreferencePair> pairs) =>
        PairIds.Hash(pairs.Select(pair => pair.Review is { } mark ? $"{pair.PairId} {string.Join(' ', mark.Reviewers)} {mark.Edited}" : pair.PairId))[..Length];

    /// <summary>The card of the newest version; null where no dataset has that name.</summary>
    public static async Task<DatasetCard?> NewestAsync(Catalog catalog, string name, CancellationToken cancellation) =>
        (await catalog.ListAsync<DatasetCard>(Catalog.Datasets, cancellation)).Where(card => card.Name == name).MaxBy(card => card.CreatedAt);

    /// <summary>Written once, found again ever after.</summary>
    public static async Task<DatasetCard> PublishAsync(
        TpoStorage storage, Catalog catalog, string name, string version, IReadOnlyList<PreferencePair> pairs, IReadOnlyList<PreferencePair> heldOut,
        Func<DatasetCard> describe, CancellationToken cancellation)
    {
        var existing = await storage.TryReadJsonAsync<DatasetCard>(Containers.Datasets, DatasetBlobs.Card(name, version), cancellation);
        var card = existing ?? describe();
        if (existing is null)
        {
            await storage.WriteJsonLinesAsync(Containers.Datasets, DatasetBlobs.Pairs(name, version), pairs, cancellation);
            if (heldOut.Count > 0)
                await storage.WriteJsonLinesAsync(Containers.Datasets, DatasetBlobs.HeldOut(name, version), heldOut, cancellation);
            await storage.WriteJsonAsync(Containers.Datasets, DatasetBlobs.Card(name, version), card, cancellation);
        }
        // Also where the version exists: a builder killed between the blob and the catalog is healed by the next.
        if (existing is null || await catalog.FindAsync<DatasetCard>(Catalog.Datasets, $"{name}/{version}", cancellation) is null)
            await catalog.PutAsync(Catalog.Datasets, $"{name}/{version}", card, cancellation);
        return card;
    }
}
