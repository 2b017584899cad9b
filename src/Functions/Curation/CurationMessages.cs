namespace Tpo.Functions.Curation;

/// <summary>One version of one blob in `videos`.</summary>
public sealed record Upload(string BlobName, string ETag, string InstanceId);

/// <summary>An upload with which nothing goes on, for good or for now, and why.</summary>
public sealed record ClosedUpload(Upload Upload, string Sentence);

/// <summary>Custom status of a curation: what it does now, and how far it is where the stage has parts.</summary>
public sealed record CurationStage(string Stage, int? Done = null, int? Of = null);

/// <summary>What an activity hands on: the name of the blob it made or found, or the sentence that ends this video's curation.</summary>
public record StageResult
{
    public string? Blob { get; init; }
    public string? Failure { get; init; }
    /// <summary>Why nothing goes on for now.</summary>
    public string? Paused { get; init; }
}

/// <summary>A probed upload; `DuplicateOf` names the blob under which the same bytes are curated already.</summary>
public sealed record ProbedVideo : StageResult
{
    public string? VideoId { get; init; }
    public string? DuplicateOf { get; init; }
}

/// <summary>A planned video: its plan's blob and how many segments it has.</summary>
public sealed record PlannedVideo : StageResult
{
    public int Segments { get; init; }
}

/// <summary>A video with queries: their blob and the views that have any to answer.</summary>
public sealed record QueriedVideo : StageResult
{
    public string[]? Views { get; init; }
}

public sealed record ViewTask(string Plan, string View);
public sealed record QueryTask(string Plan, string[] Captions);
public sealed record AnswerTask(string Plan, string Queries, string View);
public sealed record JudgeTask(string Plan, string[] Captions, string Queries, string[] Answers);
public sealed record WriteTask(Upload Upload, JudgeTask Work, string Judged);
