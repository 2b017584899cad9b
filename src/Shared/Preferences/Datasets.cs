using System.Text.RegularExpressions;
using Tpo.Shared.Preferences.Hygiene;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Preferences;

/// <summary>There is nothing to build a dataset from, or its name is none; the message says what to do.</summary>
public sealed class DatasetException(string message) : Exception(message);

/// <summary>Builds immutable dataset versions from the kept pairs of all curated videos.</summary>
public sealed partial class DatasetBuilder(TpoStorage storage, Catalog catalog, TimeProvider time)
{
    private const int VersionLength = 16;

    public Task<DatasetCard> BuildAsync(string name, CancellationToken cancellation) => BuildAsync(name, new DatasetMix(), _ => true, cancellation);

    /// <summary>
    /// The version that these pairs make: written once, found again ever after.
    /// Throws <see cref="DatasetException"/> where the name is not allowed or no pair passes the filter.
    /// </summary>
    public async Task<DatasetCard> BuildAsync(string name, DatasetMix mix, Func<PreferencePair, bool> filter, CancellationToken cancellation)
    {
        if (!IsName(name))
            throw new DatasetException($"'{name}' is no dataset name: use 1 to 63 lower-case letters, digits and dashes, beginning with a letter or digit.");
        var kept = (await KeptPairsAsync(cancellation)).Where(filter).ToList();
        if (kept.Count == 0)
            throw new DatasetException(
                "There are no preference pairs to build a dataset from: "
                + "upload videos, and wait until their curation has kept at least one pair (GET /api/videos shows it).");

        var pairs = mix.Select(kept);
        var version = PairIds.Hash(pairs.Select(pair => pair.PairId))[..VersionLength];
        var existing = await storage.TryReadJsonAsync<DatasetCard>(Containers.Datasets, DatasetBlobs.Card(name, version), cancellation);
        var card = existing ?? Card(name, version, mix, pairs, kept.Count);
        if (existing is null)
        {
            await storage.WriteJsonLinesAsync(Containers.Datasets, DatasetBlobs.Pairs(name, version), pairs, cancellation);
            await storage.WriteJsonAsync(Containers.Datasets, DatasetBlobs.Card(name, version), card, cancellation);
        }
        // Also where the version exists: a builder killed between the blob and the catalog is healed by the next.
        if (existing is null || await catalog.FindAsync<DatasetCard>(Catalog.Datasets, $"{name}/{version}", cancellation) is null)
            await catalog.PutAsync(Catalog.Datasets, $"{name}/{version}", card, cancellation);
        return card;
    }

    /// <summary>Every kept pair that stands in the catalog, each with its whole lineage.</summary>
    public async Task<IReadOnlyList<PreferencePair>> KeptPairsAsync(CancellationToken cancellation)
    {
        var entries = (await catalog.ListAsync<PairEntry>(Catalog.Pairs, cancellation)).Where(entry => !entry.Superseded).ToList();
        var pairs = new List<PreferencePair>();
        foreach (var video in entries.GroupBy(entry => entry.VideoId))
        {
            var wanted = video.Select(entry => entry.PairId).ToHashSet(StringComparer.Ordinal);
            var rows = await storage.ReadJsonLinesAsync<PreferencePair>(Containers.Curation, CurationBlobs.Pairs(video.Key), cancellation);
            pairs.AddRange(rows.Where(pair => wanted.Contains(pair.PairId)));
        }
        return pairs;
    }

    private DatasetCard Card(string name, string version, DatasetMix mix, IReadOnlyList<PreferencePair> pairs, int kept)
    {
        var hygiene = PairHygiene.Of(pairs);
        return new DatasetCard
        {
            Name = name,
            Version = version,
            Pairs = pairs.Count,
            PairsByKind = Enum.GetValues<PairKind>().ToDictionary(kind => kind, kind => pairs.Count(pair => pair.Kind == kind)),
            Dropped = new Dictionary<string, int> { ["balance"] = kept - pairs.Count },
            Mix = mix.ToString(),
            VideoIds = [.. pairs.Select(pair => pair.VideoId).Distinct().Order(StringComparer.Ordinal)],
            Models = [.. pairs.Select(pair => $"{pair.ModelId}@{pair.ModelRevision}").Distinct().Order(StringComparer.Ordinal)],
            CreatedAt = time.GetUtcNow(),
            Hygiene = hygiene,
            Warnings = [.. hygiene.Warnings()],
        };
    }

    public static bool IsName(string name) => NamePattern().IsMatch(name);

    [GeneratedRegex("^[a-z0-9][a-z0-9-]{0,62}$")]
    private static partial Regex NamePattern();
}
