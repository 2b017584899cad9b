using Tpo.Shared.Preferences.Hygiene;

namespace Tpo.Shared.Preferences;

/// <summary>What is in one immutable dataset version. Blob: `datasets/{name}/{version}/dataset.json`, beside `pairs.jsonl`.</summary>
public sealed record DatasetCard
{
    public int SchemaVersion { get; init; } = 1;
    public required string Name { get; init; }
    /// <summary>Prefix of the hash of the ordered pair ids: the same pairs always make the same version.</summary>
    public required string Version { get; init; }
    public required int Pairs { get; init; }
    public required IReadOnlyDictionary<PairKind, int> PairsByKind { get; init; }
    /// <summary>Kept pairs left out, by reason ("balance", "benchmark-video", "review-rejected", "review-flagged", "unreviewed").</summary>
    public required IReadOnlyDictionary<string, int> Dropped { get; init; }
    /// <summary>Wanted localized : comprehensive, as in "5:5".</summary>
    public required string Mix { get; init; }
    /// <summary>SHA-256 of every video that a pair is about.</summary>
    public required IReadOnlyList<string> VideoIds { get; init; }
    /// <summary>`modelId@revision` of every model whose answers are in it.</summary>
    public required IReadOnlyList<string> Models { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>Pairs for validation, of videos that no other pair is about; in `held-out.jsonl`.</summary>
    public int HeldOut { get; init; }
    /// <summary>How many benchmark videos were known by their hash and kept out; 0 = no benchmark has run yet, so none could be.</summary>
    public int BenchmarkVideosKnown { get; init; }
    /// <summary>Pairs that somebody accepted or edited.</summary>
    public int Reviewed { get; init; }
    /// <summary>What else the pairs could teach; null in cards written before it was measured.</summary>
    public PairHygiene? Hygiene { get; init; }
    /// <summary>What a reader should know before training on these pairs.</summary>
    public IReadOnlyList<string> Warnings { get; init; } = [];

    public static DatasetCard Of(
        string name, string version, DatasetRecipe recipe, IReadOnlyList<PreferencePair> pairs, IReadOnlyList<PreferencePair> heldOut,
        IReadOnlyDictionary<string, int> dropped, int benchmarkVideosKnown, DateTimeOffset now)
    {
        var hygiene = PairHygiene.Of(pairs);
        return new DatasetCard
        {
            Name = name,
            Version = version,
            Pairs = pairs.Count,
            PairsByKind = Enum.GetValues<PairKind>().ToDictionary(kind => kind, kind => pairs.Count(pair => pair.Kind == kind)),
            Dropped = dropped,
            Mix = recipe.Mix.ToString(),
            VideoIds = [.. pairs.Select(pair => pair.VideoId).Distinct().Order(StringComparer.Ordinal)],
            Models = [.. pairs.Select(pair => $"{pair.ModelId}@{pair.ModelRevision}").Distinct().Order(StringComparer.Ordinal)],
            CreatedAt = now,
            HeldOut = heldOut.Count,
            BenchmarkVideosKnown = benchmarkVideosKnown,
            Reviewed = pairs.Count(pair => pair.Review is not null),
            Hygiene = hygiene,
            Warnings = [.. hygiene.Warnings()],
        };
    }
}

/// <summary>Blob names inside the `datasets` container.</summary>
public static class DatasetBlobs
{
    public static string Pairs(string name, string version) => $"{name}/{version}/pairs.jsonl";
    public static string HeldOut(string name, string version) => $"{name}/{version}/held-out.jsonl";
    public static string Card(string name, string version) => $"{name}/{version}/dataset.json";
}
