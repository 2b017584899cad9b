namespace Tpo.Shared.Training;

public enum RunStatus { Queued, PreparingData, Training, Exporting, Succeeded, Failed, Cancelled }

/// <summary>A training run as lists and `GET /api/training/{id}` show it; kept in the catalog, newest record wins.</summary>
public sealed record TrainingRun
{
    public int SchemaVersion { get; init; } = 1;
    public required string RunId { get; init; }
    public required RunStatus Status { get; init; }
    public required TrainingRequest Request { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }
    /// <summary>`name/version` of the pairs that were trained on, once it is built.</summary>
    public string? Dataset { get; init; }
    public TrainingResult? Result { get; init; }
    /// <summary>Why the run failed or was cancelled, in a sentence.</summary>
    public string? Failure { get; init; }

    /// <summary>The benchmark run that followed, where the request asked for one.</summary>
    public string? Benchmark { get; init; }
    /// <summary>Why none followed although the request asked for one.</summary>
    public string? BenchmarkFailure { get; init; }

    /// <summary>The rounds so far, where the request asked for several; <see cref="Result"/> is then that of the last one that brought a gain.</summary>
    public IReadOnlyList<TrainingRound>? Rounds { get; init; }
    /// <summary>Why no further round began, in a sentence, where none failed.</summary>
    public string? Stopped { get; init; }
    /// <summary>Of which run this is a round; null = it stands alone.</summary>
    public RoundOf? RoundOf { get; init; }

    public bool IsFinal => Status is RunStatus.Succeeded or RunStatus.Failed or RunStatus.Cancelled;
}

/// <summary>What `GET /api/training/{id}` answers: the run, the job's last beat and its curve so far; of several rounds the newest one's.</summary>
public sealed record TrainingStatus(TrainingRun Run, TrainingProgress? Progress, IReadOnlyList<TrainingMetrics> Metrics)
{
    /// <summary>A sentence a curve that says whether it looks normal.</summary>
    public IReadOnlyList<CurveSentence> Curves { get; init; } = [];
    /// <summary>What the platform says of the job; null = the job is a process of the app's machine, or none was started yet.</summary>
    public BackendJob? Job { get; init; }
    /// <summary>Which round is under way and what it does; null where the request asked for one, or all have ended.</summary>
    public RoundStage? Round { get; init; }
}
