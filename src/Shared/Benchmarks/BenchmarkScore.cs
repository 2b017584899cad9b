namespace Tpo.Shared.Benchmarks;

/// <summary>What a set of answers scores by one protocol.</summary>
public sealed record BenchmarkScore
{
    public int SchemaVersion { get; init; } = 1;
    public required string Benchmark { get; init; }
    public required string Protocol { get; init; }
    /// <summary>Who judged; null where no answer was judged.</summary>
    public string? Judge { get; init; }
    /// <summary>The headline first.</summary>
    public required IReadOnlyList<ScoreFigure> Figures { get; init; }
    public required IReadOnlyList<CategoryScore> Categories { get; init; }
    public required int Questions { get; init; }
    /// <summary>Questions without an answer: in no figure.</summary>
    public required int Missing { get; init; }
    /// <summary>Answers in which nothing could be read.</summary>
    public required int Unparsed { get; init; }
    /// <summary>Answers that need a judge and had none, or one whose words could not be read: in no figure but what says so.</summary>
    public required int Unjudged { get; init; }
}

/// <summary>A share, 0 to 1, unless the name says otherwise.</summary>
/// <param name="Value">null where it cannot be told</param>
/// <param name="Why">why it cannot</param>
public sealed record ScoreFigure(string Name, double? Value, string? Why = null);

/// <param name="Accuracy">mean credit of the judged items, 0 to 1; null where there is none</param>
/// <param name="Items">questions, or units of questions that count together</param>
public sealed record CategoryScore(string Kind, string Name, double? Accuracy, int Items, int Unparsed, int Unjudged);
