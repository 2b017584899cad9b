namespace Tpo.Shared.Preferences;

/// <summary>A question about a video with the answer its writer expects ("golden answer" in the paper's filter).</summary>
/// <param name="QueryId">unique in its video: `{view}/{number}`</param>
/// <param name="Segment">index of the segment that a localized query is about</param>
/// <param name="Type">one of <see cref="QueryTypes"/></param>
public sealed record Query(string QueryId, PairKind Kind, int? Segment, string Text, string Type, string ReferenceAnswer);

/// <summary>The writer found no suitable question here (the paper's "None"), and why.</summary>
public sealed record NoQuery(PairKind Kind, int? Segment, string Reason);

/// <summary>Everything that a query writer made of one video. Blob: <see cref="CurationBlobs.Queries"/>.</summary>
public sealed record WrittenQueries
{
    public int SchemaVersion { get; init; } = 1;
    public required string VideoId { get; init; }
    public required string PromptId { get; init; }
    public required IReadOnlyList<Query> Queries { get; init; }
    public required IReadOnlyList<NoQuery> None { get; init; }
    public required Cost Cost { get; init; }

    /// <summary>The queries that one view answers, in their fixed order.</summary>
    public IReadOnlyList<Query> For(string view) =>
        [.. Queries.Where(query => query.Segment is { } segment
            ? view == Views.Segment(segment) || view == Views.WithoutSegment(segment)
            : view is Views.Whole or Views.Sparse)];
}

/// <summary>Writes questions from captions alone; it never sees a frame.</summary>
public interface IQueryWriter
{
    /// <summary>Name, version and content hash of the prompt or rules: part of every pair's lineage.</summary>
    string PromptId { get; }

    Task<WrittenQueries> WriteAsync(CaptionedVideo video, int seed, CancellationToken cancellation);
}

/// <summary>The paper's eight question types with their shares of its 10,000 pairs.</summary>
public static class QueryTypes
{
    public const string Temporal = "Temporal reasoning";
    public const string Action = "Action reasoning";
    public const string Causal = "Causal reasoning";
    public const string Extraction = "Information extraction";
    public const string Descriptive = "Descriptive";
    public const string Summarization = "Summarization";
    public const string Object = "Object reasoning";
    public const string Spatial = "Spatial reasoning";

    /// <summary>Type, percent of the paper's pairs, and what the writer is told to ask for; the last two suit a whole video only.</summary>
    public static IReadOnlyList<(string Type, double Percent, string Task)> All { get; } =
    [
        (Temporal, 8.7, "temporal reasoning: the order of events, what comes before or after another, how long or how often"),
        (Action, 12.4, "action reasoning: what somebody or something does, and how"),
        (Causal, 11.1, "causal reasoning: why something happens, or what it leads to"),
        (Extraction, 18.0, "information extraction: a name, number, text or other detail that is shown"),
        (Object, 14.9, "object reasoning: which thing it is, its look, its state or its use"),
        (Spatial, 13.5, "spatial reasoning: where something is, or how things lie to each other"),
        (Descriptive, 12.8, "description: how a scene, person or thing looks in detail"),
        (Summarization, 7.5, "summarization: what the video shows from beginning to end"),
    ];

    public static bool SuitsSegment(string type) => type is not (Descriptive or Summarization);
}
