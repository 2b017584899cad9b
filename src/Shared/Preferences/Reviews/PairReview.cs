namespace Tpo.Shared.Preferences.Reviews;

public enum ReviewDecision
{
    /// <summary>Chosen is really better.</summary>
    Accept,
    /// <summary>It is no pair to train on.</summary>
    Reject,
    /// <summary>It is one with other words, which the review carries.</summary>
    Edit,
    /// <summary>Somebody else should look; out of datasets until all flags are taken back.</summary>
    Flag,
}

/// <summary>What one person thinks of one pair; the same person's newer review replaces the older.</summary>
public sealed record PairReview
{
    public int SchemaVersion { get; init; } = 1;
    public required string PairId { get; init; }
    public required string Reviewer { get; init; }
    public required ReviewDecision Decision { get; init; }
    /// <summary>Of an edit: the better answer in new words; null = as it was.</summary>
    public string? Chosen { get; init; }
    /// <summary>Of an edit: the worse answer in new words; null = as it was.</summary>
    public string? Rejected { get; init; }
    public string? Note { get; init; }
    /// <summary>Whether the judge had kept the pair.</summary>
    public required bool Kept { get; init; }
    public required DateTimeOffset At { get; init; }
}

/// <summary>What reviews made of a pair that stands in a dataset.</summary>
/// <param name="Edited">the id of the pair that was edited into this one; null where its words are the model's own</param>
public sealed record ReviewMark(IReadOnlyList<string> Reviewers, string? Edited = null);
