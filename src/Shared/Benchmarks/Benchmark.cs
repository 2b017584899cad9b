namespace Tpo.Shared.Benchmarks;

/// <summary>A benchmark: the files that its authors publish, and the protocols by which it is asked and scored. Pure but for the judge.</summary>
/// <param name="Slug">as commands and file names call it: "video-mme"</param>
/// <param name="Files">the files' names, for people</param>
/// <param name="Load">what files hold, and what is malformed in them</param>
/// <param name="Protocols">the first is the one where none is named</param>
public sealed record Benchmark(
    string Name, string Slug, string Files, Func<IReadOnlyList<AnnotationFile>, BenchmarkFile> Load, IReadOnlyList<BenchmarkProtocol> Protocols)
{
    /// <summary>The protocol that is asked for; else what is wrong with the asking.</summary>
    /// <param name="part">its name, or a part of it that no other's has; null = the first</param>
    public (BenchmarkProtocol? Protocol, string? Problem) Choose(string? part)
    {
        if (part is null)
            return (Protocols[0], null);
        var exact = Protocols.Where(protocol => protocol.Name == part).ToList();
        var found = exact.Count > 0 ? exact : Protocols.Where(protocol => protocol.Name.Contains(part, StringComparison.OrdinalIgnoreCase)).ToList();
        return found is [var only] ? (only, null) : (null,
            $"'{part}' is in the names of {found.Count} of the protocols of {Name}: give a part that only one has. They are {string.Join("; ", Protocols.Select(protocol => $"'{protocol.Name}'"))}.");
    }
}

/// <summary>
/// One way of asking and scoring: of the benchmark's authors, or of an evaluation harness at a date. Scores of two protocols are not comparable, so
/// the name is part of every result.
/// </summary>
/// <param name="Prompt">the text that follows the video</param>
/// <param name="Read">what an answer says, and what that counts</param>
/// <param name="Aggregate">the figures, the headline first, of all questions (those without an answer have no reading)</param>
public sealed record BenchmarkProtocol(
    string Name, int MaxNewTokens, Func<BenchmarkQuestion, string> Prompt, Func<BenchmarkQuestion, string, Reading> Read,
    Func<IReadOnlyList<ScoredQuestion>, IReadOnlyList<ScoreFigure>> Aggregate)
{
    /// <summary>The system message; null = the model's own.</summary>
    public string? System { get; init; }

    /// <summary>What the answer already begins with; it is no part of the text that is read.</summary>
    public string? AnswerStart { get; init; }

    /// <summary>Where some answers can only be judged.</summary>
    public JudgeRules? Judge { get; init; }

    /// <summary>
    /// Which lines of a video's subtitles (.srt) its questions are given, of the file's text, frames a second, frames in all, and frames that the model sees. Null:
    /// none.
    /// </summary>
    public Func<string, double, int, int, IReadOnlyList<string>>? Subtitles { get; init; }

    /// <summary>What this protocol wants of a model that no model here does.</summary>
    public string? NeedsMore { get; init; }

    /// <summary>Why a run cannot ask by this protocol; null where it can. Answers that others made can still be scored by it.</summary>
    public string? NotAskedHere => NeedsMore ?? (System is null && AnswerStart is null ? null
        : "it sets the system message or the answer's beginning, which this product's models take from their own template");
}

/// <summary>How a language model judges the answers that no rule can read.</summary>
/// <param name="What">what is judged and whose prompt that is, for people</param>
/// <param name="Ask">what the judge is asked about a question and its answer</param>
/// <param name="Read">what the judge's words count</param>
public sealed record JudgeRules(string What, Func<BenchmarkQuestion, string, JudgeRequest> Ask, Func<BenchmarkQuestion, string, Reading> Read);

public sealed record JudgeRequest(string System, string User);

/// <summary>What became of one answer.</summary>
/// <param name="Said">what it says in the benchmark's terms: a letter, "yes", "AB"; null where that cannot be read</param>
/// <param name="Credit">0 to 1; null where only a judge can tell</param>
/// <param name="IsLeftOut">whether the protocol leaves it out of every denominator</param>
public sealed record Reading(string? Said, double? Credit, bool IsLeftOut = false)
{
    /// <summary>Nothing to be read in it: wrong, and counted as unparsed.</summary>
    public static Reading Unparsed { get; } = new(null, 0);
    public static Reading ForJudge { get; } = new(null, null);

    /// <param name="said">null = unparsed</param>
    public static Reading Of(string? said, bool right) => said is null ? Unparsed : new Reading(said, right ? 1 : 0);

    /// <summary>A letter or word that is right where it is the gold one.</summary>
    public static Reading Of(string? said, string gold) => Of(said, said == gold);
}

/// <param name="Reading">null where there is no answer</param>
public sealed record ScoredQuestion(BenchmarkQuestion Question, Reading? Reading);
