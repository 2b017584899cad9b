namespace Tpo.Shared.Preferences;

/// <summary>One answer of the frozen model.</summary>
public sealed record RecordedAnswer(string QueryId, string Text, bool Truncated, Cost Cost);

/// <summary>What the model answered to all queries of one view. Blob: <see cref="CurationBlobs.Answers"/>.</summary>
public sealed record ViewAnswers
{
    public int SchemaVersion { get; init; } = 1;
    public required string VideoId { get; init; }
    public required string View { get; init; }
    public required string ModelId { get; init; }
    public required string ModelRevision { get; init; }
    public required string Preprocess { get; init; }
    public required string Decoding { get; init; }
    public required IReadOnlyList<RecordedAnswer> Answers { get; init; }
    /// <summary>null in records written before it was kept</summary>
    public SeenFrames? Seen { get; init; }

    public RecordedAnswer For(Query query) =>
        Answers.FirstOrDefault(answer => answer.QueryId == query.QueryId)
        ?? throw new InvalidDataException($"The answers of view '{View}' of video {VideoId} lack query '{query.QueryId}'.");
}

/// <summary>A query with both answers, before the judge.</summary>
/// <param name="Segment">null for a comprehensive query</param>
/// <param name="Evidence">captions of the frames that the query is about</param>
/// <param name="Elsewhere">captions of the rest of the video, beyond the guard band</param>
public sealed record Candidate(
    Query Query, PlannedSegment? Segment, RecordedAnswer Chosen, RecordedAnswer Rejected,
    IReadOnlyList<FrameCaption> Evidence, IReadOnlyList<FrameCaption> Elsewhere)
{
    /// <summary>The judged candidate as a record with its whole lineage, kept or not.</summary>
    public PreferencePair ToPair(
        Verdict verdict, CurationPlan plan, string videoBlob, string preprocess, IReadOnlyDictionary<string, string> promptIds) => PairIds.Sign(new PreferencePair
    {
        PairId = "",
        Kind = Query.Kind,
        VideoId = plan.VideoId,
        VideoBlob = videoBlob,
        Query = Query.Text,
        QueryType = Query.Type,
        ReferenceAnswer = Query.ReferenceAnswer,
        Chosen = Chosen.Text,
        Rejected = Rejected.Text,
        Segment = Segment?.Span,
        GuardBandSeconds = Segment?.GuardBandSeconds,
        SparseFrames = Segment is null ? plan.SparseFrames : null,
        ChosenPlan = plan.Frames[Segment is null ? Views.Whole : Views.Segment(Segment.Index)],
        RejectedPlan = plan.Frames[Segment is null ? Views.Sparse : Views.WithoutSegment(Segment.Index)],
        PromptIds = promptIds,
        ModelId = plan.ModelId,
        ModelRevision = plan.ModelRevision,
        Preprocess = preprocess,
        Seed = plan.Seed,
        Verdict = verdict,
        Cost = Chosen.Cost.Plus(Rejected.Cost),
    });
}
