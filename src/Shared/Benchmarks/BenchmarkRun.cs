namespace Tpo.Shared.Benchmarks;

/// <summary>What `POST /api/benchmarks` takes.</summary>
public sealed record BenchmarkRequest
{
    public int SchemaVersion { get; init; } = 1;
    /// <summary>Folder in the `benchmarks` container.</summary>
    public string Suite { get; init; } = "demo";
    /// <summary>Instead of <see cref="Suite"/>: several at once, a run each under one name, with one report over all of them.</summary>
    public IReadOnlyList<string>? Suites { get; init; }
    /// <summary>How a suite is asked and scored: a part of the protocol's name that no other of its benchmark has; the suite's own where left out.</summary>
    public string? Protocol { get; init; }
    /// <summary>Baseline first, then the candidate; `newest` = the newest registered model, `latest` = the one that a gate or a person promoted.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];
    /// <summary>Only the first so many questions.</summary>
    public int? Limit { get; init; }
    /// <summary>"2/5": only the second of five parts of the videos, every fifth from the second on.</summary>
    public string? Shard { get; init; }
    /// <summary>Ask and store, and score nothing: POST /api/benchmarks/{id}/score does that later, as often as one likes.</summary>
    public bool PredictOnly { get; init; }
    /// <summary>Ask both models once more without the video: the floor that language alone reaches.</summary>
    public bool TextOnly { get; init; }
    /// <summary>True: where the candidate passes, `latest` moves to it.</summary>
    public bool Gate { get; init; }
    /// <summary>Runs of one name are decided together, once all suites of <see cref="GateSuites"/> are done; the run's own id where left out.</summary>
    public string? GateGroup { get; init; }
    /// <summary>All suites that the gate waits for; this run's alone where left out.</summary>
    public IReadOnlyList<string>? GateSuites { get; init; }
}

public enum BenchmarkStatus { Queued, Answering, Scoring, Succeeded, Failed }

/// <summary>A benchmark run as lists and `GET /api/benchmarks/{id}` show it; kept in the catalog, newest record wins.</summary>
public sealed record BenchmarkRun
{
    public int SchemaVersion { get; init; } = 1;
    public required string RunId { get; init; }
    public required BenchmarkStatus Status { get; init; }
    public required string Suite { get; init; }
    /// <summary>The protocol's name; absent in runs of before, which had one each.</summary>
    public string? Protocol { get; init; }
    /// <summary>The name that runs of several suites asked for at once share, and all of those suites.</summary>
    public string? Group { get; init; }
    public IReadOnlyList<string>? GroupSuites { get; init; }
    /// <summary>Resolved model ids: baseline, candidate.</summary>
    public required IReadOnlyList<string> Models { get; init; }
    /// <summary>SHA-256 over each model's weights when the run was asked for.</summary>
    public IReadOnlyList<string> Revisions { get; init; } = [];
    /// <summary>Of the suite's annotation file when the run was asked for.</summary>
    public string? SuiteSha256 { get; init; }
    public int? Limit { get; init; }
    public string? Shard { get; init; }
    public bool PredictOnly { get; init; }
    public bool TextOnly { get; init; }
    /// <summary>Under which name the gate decides it, together with the runs of that name; null where no gate was asked for.</summary>
    public string? GateGroup { get; init; }
    /// <summary>The suites that the gate waits for.</summary>
    public IReadOnlyList<string>? GateSuites { get; init; }
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
public sealed record BenchmarkResult(ModelScore Base, ModelScore Tuned, Difference Difference, string Gate, int Questions, int Videos, int Errors)
{
    /// <summary>About so many questions would decide an inconclusive gate; null where it is decided.</summary>
    public int? QuestionsToDecide { get; init; }
    /// <summary>The gate's margin when the run was planned; a share.</summary>
    public double GateMargin { get; init; }
    /// <summary>The protocol's own first figure, which is what papers print; the accuracies above are over items, whatever the protocol's means are over.</summary>
    public PairedFigure? Headline { get; init; }
    /// <summary>Questions that only a judge can score and none has: in no figure.</summary>
    public int Unjudged { get; init; }
    /// <summary>Questions that the protocol leaves out of every denominator.</summary>
    public int LeftOut { get; init; }
}

/// <summary>A figure of the protocol for both models; shares unless the name says otherwise, null where it cannot be told.</summary>
/// <param name="Why">why it cannot</param>
public sealed record PairedFigure(string Name, double? Base, double? Tuned, string? Why = null);

/// <param name="Accuracy">mean credit of the items; an item is a question, or the questions of a unit that count together</param>
/// <param name="Low">lower end of the 95 % interval, clustered by video</param>
/// <param name="Correct">items with full credit</param>
/// <param name="Unparsed">items in whose answers nothing could be read, counted as wrong</param>
public sealed record ModelScore(string ModelId, double Accuracy, double Low, double High, int Correct, int Questions, int Unparsed);

/// <summary>Tuned minus base, paired by question; shares.</summary>
/// <param name="Low">lower end of the 95 % interval, the video as the unit</param>
/// <param name="P">two-sided permutation p-value, whole videos flipped; of pooled suites, Student's</param>
public sealed record Difference(double Mean, double Low, double High, double P)
{
    public double StandardError { get; init; }
    /// <summary>Degrees of freedom: about how many videos carry the variance.</summary>
    public double Degrees { get; init; }
    public int Questions { get; init; }
    /// <summary>Questions that only the tuned model has right.</summary>
    public int Better { get; init; }
    /// <summary>Questions that only the base has right.</summary>
    public int Worse { get; init; }
    /// <summary>The smallest true difference that 80 of 100 such runs would see.</summary>
    public double MinimumDetectable { get; init; }
    /// <summary>Share of questions that one model has right and the other wrong.</summary>
    public double Discordance => Questions == 0 ? 0 : (Better + Worse) / (double)Questions;
}

/// <summary>Blob names of one run inside the `reports` container; `folder` is <see cref="BenchmarkRun.Folder"/>.</summary>
public static class ReportBlobs
{
    public static string Answers(string folder, string modelId, string videoId) => $"{folder}/answers/{modelId}/{videoId}.jsonl";
    public static string Answers(string folder, BenchmarkShard shard) => Answers(folder, shard.WithoutVideo == true ? TextOnly(shard.ModelId) : shard.ModelId, shard.VideoId);
    /// <summary>What a judge said of a model's answers.</summary>
    public static string Judged(string folder, string modelId) => $"{folder}/judged/{modelId}.json";
    /// <summary>The folder of what a model said without the video.</summary>
    public static string TextOnly(string modelId) => $"{modelId}@text-only";
    /// <summary>Which questions are asked and how: fixed when the run begins.</summary>
    public static string Plan(string folder) => $"{folder}/plan.json";
    public static string Json(string folder) => $"{folder}/report.json";
    public static string Html(string folder) => $"{folder}/report.html";
    /// <summary>One model's figures in the shape of lmms-eval's results file.</summary>
    public static string LmmsResults(string folder, string modelId) => LmmsFile(folder, modelId, "results.json");
    /// <summary>One model's answers in the shape of lmms-eval's `--log_samples`.</summary>
    public static string LmmsSamples(string folder, string modelId, string task) => LmmsFile(folder, modelId, $"samples_{task}.jsonl");
    public static string LmmsFile(string folder, string modelId, string file) => $"{folder}/lmms-eval/{modelId}/{file}";
}
