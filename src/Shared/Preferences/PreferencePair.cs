using Tpo.Shared.Media;
using Tpo.Shared.Preferences.Reviews;

namespace Tpo.Shared.Preferences;

/// <summary>How the rejected answer was deprived of evidence (TPO sections 2.2; v3 calls them irrelevant and incomplete information).</summary>
public enum PairKind
{
    /// <summary>Query about one segment; chosen saw the segment alone, rejected the video without it.</summary>
    Localized,
    /// <summary>Query about the whole; chosen saw all sampled frames, rejected a sparse subset.</summary>
    Comprehensive,
}

/// <summary>The judge's answers in the paper's order (expected Yes, No, Yes) and task 1 again with the answers swapped (expected No).</summary>
public sealed record Verdict(string BetterThanRejected, string ContradictsOrAmbiguous, string Correct, string BetterWhenSwapped, string JudgeId)
{
    public bool Keep => (BetterThanRejected, ContradictsOrAmbiguous, Correct, BetterWhenSwapped) == ("Yes", "No", "Yes", "No");

    /// <summary>Why the pair was dropped, as a short stable word; null where it is kept.</summary>
    public string? Reason { get; init; }
}

/// <summary>Another judge's verdict on the same candidate, so that one can see how far judges agree.</summary>
public sealed record SecondOpinion(string JudgeId, bool Keep, string? Reason);

/// <summary>What a unit of work cost.</summary>
public sealed record Cost(double Seconds, int PromptTokens, int GeneratedTokens)
{
    public static Cost None { get; } = new(0, 0, 0);

    public Cost Plus(Cost other) => new(Seconds + other.Seconds, PromptTokens + other.PromptTokens, GeneratedTokens + other.GeneratedTokens);
}

/// <summary>One preference pair with its whole lineage. Training shows the whole video, never the manipulated frames.</summary>
public sealed record PreferencePair
{
    public int SchemaVersion { get; init; } = 1;
    /// <summary>Hash of everything below that decides the pair: the same inputs give the same id.</summary>
    public required string PairId { get; init; }
    public required PairKind Kind { get; init; }
    public required string VideoId { get; init; }
    public required string VideoBlob { get; init; }
    public required string Query { get; init; }
    public required string QueryType { get; init; }
    public required string ReferenceAnswer { get; init; }
    public required string Chosen { get; init; }
    public required string Rejected { get; init; }
    /// <summary>The segment of a localized pair.</summary>
    public TimeSpanSeconds? Segment { get; init; }
    /// <summary>Seconds left out on both sides of the segment in the rejected view.</summary>
    public double? GuardBandSeconds { get; init; }
    /// <summary>Frames kept in the rejected view of a comprehensive pair.</summary>
    public int? SparseFrames { get; init; }
    public required FramePlan ChosenPlan { get; init; }
    public required FramePlan RejectedPlan { get; init; }
    public required IReadOnlyDictionary<string, string> PromptIds { get; init; }
    public required string ModelId { get; init; }
    /// <summary>SHA-256 over the model's weights file(s).</summary>
    public required string ModelRevision { get; init; }
    public required string Preprocess { get; init; }
    public required int Seed { get; init; }
    public required Verdict Verdict { get; init; }
    public required Cost Cost { get; init; }
    /// <summary>What the judge of rules says, where another one decided; it decides nothing. null = it was not asked.</summary>
    public SecondOpinion? SecondOpinion { get; init; }
    /// <summary>In a dataset: who reviewed it; null = nobody.</summary>
    public ReviewMark? Review { get; init; }
}
