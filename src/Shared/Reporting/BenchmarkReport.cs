using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Reporting;

/// <summary>`report.json`: every number of a run, each traceable to stored answers. The same answers give the same report.</summary>
public sealed record BenchmarkReport
{
    public int SchemaVersion { get; init; } = 1;
    public required string RunId { get; init; }
    public required string Suite { get; init; }
    public required string SuiteSha256 { get; init; }
    public required string Protocol { get; init; }
    /// <summary>Who judged the answers that no rule can read; null where nobody did.</summary>
    public string? Judge { get; init; }
    public required string PromptSha256 { get; init; }
    public required string Preprocess { get; init; }
    public required int Frames { get; init; }
    public required int Seed { get; init; }
    public required double GateMargin { get; init; }
    public required DateTimeOffset CreatedAt { get; init; }
    /// <summary>Baseline, candidate.</summary>
    public required IReadOnlyList<PlannedModel> Models { get; init; }
    public required BenchmarkResult Result { get; init; }
    /// <summary>The protocol's own figures, the headline first.</summary>
    public IReadOnlyList<PairedFigure> Figures { get; init; } = [];
    public required IReadOnlyList<GroupRow> Groups { get; init; }
    public required Floors Floors { get; init; }
    /// <summary>What each model says without the video; empty where the run did not ask that.</summary>
    public IReadOnlyList<TextOnlyRow> TextOnly { get; init; } = [];
    public required IReadOnlyList<LetterRow> Letters { get; init; }
    /// <summary>Figures that others published for checkpoints of this shape; empty for models of other shapes.</summary>
    public IReadOnlyList<PublishedRow> Published { get; init; } = [];
    public IReadOnlyList<SpeedRow> Speed { get; init; } = [];
    /// <summary>What each model was given and where its answers were cut.</summary>
    public IReadOnlyList<AskedRow> Asked { get; init; } = [];
    /// <summary>This suite's comparisons over time, this one last.</summary>
    public IReadOnlyList<NightPoint> Nights { get; init; } = [];
    public required IReadOnlyList<ItemError> Errors { get; init; }
    public required IReadOnlyList<AnsweredQuestion> Answers { get; init; }
}

/// <summary>One group of questions (a category, a length): shares and paired difference. These intervals are each for itself: of twenty rows one misses.</summary>
public sealed record GroupRow(string Kind, string Name, int Questions, int Videos, double Base, double Tuned, Difference Difference)
{
    public double TunedLow { get; init; }
    public double TunedHigh { get; init; }
}

/// <summary>What needs no model. Random: mean of 1/options. MajorityLetter: always that letter.</summary>
public sealed record Floors(double Random, string MajorityLetter, double Majority)
{
    /// <summary>Constant spans, of a suite that asks for moments; null of others.</summary>
    public IReadOnlyList<GroundingFloor>? Grounding { get; init; }
}

/// <summary>A model asked without the video, on the questions that it answered with it.</summary>
/// <param name="VideoAdds">with the video minus without it, paired by question</param>
/// <param name="NotAbove">the model's interval reaches down to what it says without looking: nothing is shown</param>
public sealed record TextOnlyRow(string ModelId, int Questions, double Accuracy, double Low, double High, Difference VideoAdds, bool NotAbove);

/// <summary>How often a letter is right and how often each model says it; `none` = unparsed.</summary>
public sealed record LetterRow(string Letter, int Gold, int Base, int Tuned);

/// <param name="TokensPerFrame">null where that is not stored</param>
/// <param name="Truncated">answers that were cut at their greatest length. Prompts are never cut: one that does not fit is an error</param>
public sealed record AskedRow(string ModelId, int? TokensPerFrame, int Truncated);

/// <summary>A question that is left out of every figure, and why.</summary>
public sealed record ItemError(string QuestionId, string VideoId, string ModelId, string Reason);

public sealed record AnsweredQuestion(string QuestionId, string VideoId, string Question, string Gold, GivenAnswer Base, GivenAnswer Tuned);

/// <param name="Letter">what the answer says in the benchmark's terms; null where nothing can be read</param>
/// <param name="Blob">the stored answer's file, relative to the report</param>
public sealed record GivenAnswer(string? Letter, bool Right, string Raw, string Blob)
{
    /// <summary>What the answer counts, 0 to 1; null where only a judge can tell and none has.</summary>
    public double? Credit { get; init; }
}
