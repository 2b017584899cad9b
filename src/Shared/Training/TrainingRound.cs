using Tpo.Shared.Benchmarks.Statistics;
using Tpo.Shared.Benchmarks;

namespace Tpo.Shared.Training;

/// <summary>One round as its run tells of it; the round's training is a run of its own.</summary>
/// <param name="Round">from 1</param>
/// <param name="RunId">the training run of the round</param>
/// <param name="BaseModel">which model answered the round's questions and was then trained</param>
/// <param name="Dataset">`name/version` of the round's pairs</param>
public sealed record TrainingRound(int Round, string RunId, string BaseModel, string Dataset)
{
    /// <summary>Videos without pairs in this round, each with its reason; only the first few are told.</summary>
    public IReadOnlyList<string> LeftOut { get; init; } = [];
    /// <summary>What was made, once it is there.</summary>
    public string? ModelId { get; init; }
    /// <summary>The benchmark run that compares it with <see cref="BaseModel"/>.</summary>
    public string? Benchmark { get; init; }
    public Difference? Difference { get; init; }
    /// <summary>`regressed`, `pass` or `inconclusive`.</summary>
    public string? Gate { get; init; }
    /// <summary>Whether it is surely better (<see cref="RoundRule"/>); null while that is not known.</summary>
    public bool? Gain { get; init; }
    /// <summary>How it ended.</summary>
    public string? Sentence { get; init; }
}

/// <summary>Of which run a training is a round.</summary>
public sealed record RoundOf(string RunId, int Round);

/// <summary>Custom status of the rounds: which one is under way and what it does.</summary>
/// <param name="Does">`makes pairs`, or `trains and compares`</param>
public sealed record RoundStage(int Round, int Of, string Does)
{
    public const string MakesPairs = "makes pairs", Trains = "trains and compares";

    /// <summary>The round's training run, once it begins.</summary>
    public string? RunId { get; init; }
    /// <summary>While pairs are made: videos that are through, and all.</summary>
    public int? Videos { get; init; }
    public int? OfVideos { get; init; }

    public override string ToString() => $"round {Round} of {Of} {Does}{(OfVideos is null ? "" : $": {Videos} of {OfVideos} videos")}";
}
