namespace Tpo.Shared.Benchmarks;

/// <summary>What `POST /api/benchmarks` takes.</summary>
public sealed record BenchmarkRequest
{
    public int SchemaVersion { get; init; } = 1;
    /// <summary>Folder in the `benchmarks` container.</summary>
    public string Suite { get; init; } = "demo";
    /// <summary>Baseline first, then the candidate; `latest` = the newest registered model.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];
    /// <summary>Only the first so many questions.</summary>
    public int? Limit { get; init; }
}

public enum BenchmarkStatus { Queued, Answering, Scoring, Succeeded, Failed }

/// <summary>A benchmark run as lists and `GET /api/benchmarks/{id}` show it; kept in the catalog, newest record wins.</summary>
public sealed record BenchmarkRun
{
    public int SchemaVersion { get; init; } = 1;
    public required string RunId { get; init; }
    public required BenchmarkStatus Status { get; init; }
    public required string Suite { get; init; }
    /// <summary>Resolved model ids: baseline, candidate.</summary>
    public required IReadOnlyList<string> Models { get; init; }
    /// <summary>SHA-256 over each model's weights when the run was asked for.</summary>
    public IReadOnlyList<string> Revisions { get; init; } = [];
    /// <summary>Of the suite's annotation file when the run was asked for.</summary>
    public string? SuiteSha256 { get; init; }
    public int? Limit { get; init; }
    /// <summary>Folder of answers and reports in the `reports` container: `{date}/{runId}`.</summary>
    public required string Folder { get; init; }
    /// <summary>Shards (one model and one video each) answered and in all.</summary>
    public int Done { get; init; }
    public int Total { get; init; }
    public BenchmarkResult? Result { get; init; }
    public string? Failure { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    public required DateTimeOffset UpdatedAt { get; init; }

    public bool IsFinal => Status is BenchmarkStatus.Succeeded or BenchmarkStatus.Failed;
}

/// <summary>The row: both models and their paired difference. Accuracies and differences are shares, 0 to 1.</summary>
/// <param name="Gate">`regressed`, `pass` or `inconclusive`</param>
public sealed record BenchmarkResult(ModelScore Base, ModelScore Tuned, Difference Difference, string Gate, int Questions, int Videos, int Errors);

/// <param name="Low">lower end of the 95 % interval, clustered by video</param>
/// <param name="Unparsed">answers without a letter, counted as wrong</param>
public sealed record ModelScore(string ModelId, double Accuracy, double Low, double High, int Correct, int Questions, int Unparsed);

/// <param name="Mean">tuned minus base, paired by question</param>
/// <param name="P">two-sided permutation p-value, whole videos flipped</param>
public sealed record Difference(double Mean, double Low, double High, double P);

/// <summary>Blob names of one run inside the `reports` container; `folder` is <see cref="BenchmarkRun.Folder"/>.</summary>
public static class ReportBlobs
{
    public static string Answers(string folder, string modelId, string videoId) => $"{folder}/answers/{modelId}/{videoId}.jsonl";
    /// <summary>Which questions are asked and how: fixed when the run begins.</summary>
    public static string Plan(string folder) => $"{folder}/plan.json";
    public static string Json(string folder) => $"{folder}/report.json";
    public static string Html(string folder) => $"{folder}/report.html";
}
