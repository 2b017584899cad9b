namespace Tpo.Shared.Preferences;

public enum VideoStatus
{
    Curating,
    Curated,
    /// <summary>The same bytes as another name, under which they are curated.</summary>
    Duplicate,
    /// <summary>Nothing goes on with it; `Failure` says why and what to do.</summary>
    Failed,
    /// <summary>It may cost no more for now; `Failure` says which cap. What was done is kept, and it goes on by itself once there is room.</summary>
    Paused,
}

/// <summary>One name in the `videos` container and what became of it. Every upload has exactly one, whatever happens.</summary>
public sealed record VideoRecord
{
    public int SchemaVersion { get; init; } = 1;
    public required string BlobName { get; init; }
    /// <summary>Version of the blob that this record is about.</summary>
    public required string ETag { get; init; }
    /// <summary>The orchestration that curates or curated it.</summary>
    public required string InstanceId { get; init; }
    public required VideoStatus Status { get; init; }
    public string? VideoId { get; init; }
    public double? DurationSeconds { get; init; }
    /// <summary>Version of the subtitle file that it was curated with; another one there now starts its curation anew.</summary>
    public string? SubtitlesETag { get; init; }
    public int? Segments { get; init; }
    public int? Kept { get; init; }
    public int? Rejected { get; init; }
    /// <summary>The name under which the same bytes are curated.</summary>
    public string? DuplicateOf { get; init; }
    public string? Failure { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
}
