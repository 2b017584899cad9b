using Tpo.Shared.Storage;

namespace Tpo.Shared.Preferences;

/// <summary>A pair in the catalog, kept (`pairs`) or rejected (`rejected`): enough for a list; the whole lineage is in the video's `pairs.jsonl`.</summary>
public sealed record PairEntry(
    string PairId, PairKind Kind, string VideoId, string VideoBlob, string Query, string QueryType, string Chosen, string Rejected)
{
    public int SchemaVersion { get; init; } = 1;

    /// <summary>Why the judge dropped it; null where it is kept.</summary>
    public string? Reason { get; init; }

    /// <summary>Whether the judge of rules would have kept it, where another one decided.</summary>
    public bool? KeptBySecond { get; init; }

    /// <summary>True where a later curation of the same video (another model, other settings) no longer makes this pair.</summary>
    public bool Superseded { get; init; }

    /// <summary>The pair's entry, kept or rejected; null where there is none.</summary>
    public static async Task<PairEntry?> FindAsync(Catalog catalog, string id, CancellationToken cancellation) =>
        await catalog.FindAsync<PairEntry>(Catalog.Pairs, id, cancellation) ?? await catalog.FindAsync<PairEntry>(Catalog.Rejected, id, cancellation);

    public static PairEntry Of(PreferencePair pair) =>
        new(pair.PairId, pair.Kind, pair.VideoId, pair.VideoBlob, pair.Query, pair.QueryType, pair.Chosen, pair.Rejected)
        {
            Reason = pair.Verdict.Reason,
            KeptBySecond = pair.SecondOpinion?.Keep,
        };
}
