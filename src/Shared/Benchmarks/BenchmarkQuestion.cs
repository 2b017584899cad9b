using Tpo.Shared.Media;

namespace Tpo.Shared.Benchmarks;

/// <summary>One question as it is asked and scored, whichever benchmark it comes from. What a benchmark has no use for is null.</summary>
/// <param name="VideoPath">path of the video inside the suite's `videos/` folder</param>
/// <param name="Options">how many letters are offered, A onwards; of yes and no, two; 0 where the answer is free text</param>
/// <param name="Gold">the right letter; elsewhere the right answer in the benchmark's own words</param>
/// <param name="Groups">what the question is counted under, by the kind of group: ("question_category", "S2E")</param>
public sealed record BenchmarkQuestion(
    string Id, string VideoId, string VideoPath, string Question, string Prompt, int Options, string Gold, IReadOnlyList<QuestionGroup> Groups)
{
    /// <summary>Which of the benchmark's kinds of question this is, where they are asked and read by different rules.</summary>
    public string? Task { get; init; }

    /// <summary>Questions of one unit count as one item, right where all of them are.</summary>
    public string? Unit { get; init; }

    /// <summary>The texts of the options offered, in the order of their letters.</summary>
    public IReadOnlyList<string>? Choices { get; init; }

    /// <summary>The part of the video that is to be shown, seconds.</summary>
    public TimeSpanSeconds? Part { get; init; }

    /// <summary>When the video shows the answer, seconds.</summary>
    public IReadOnlyList<TimeSpanSeconds>? Moments { get; init; }

    /// <summary>Of the whole video, seconds.</summary>
    public double? Duration { get; init; }

    /// <summary>What a judge compares the answer with, beside <see cref="Gold"/>.</summary>
    public string? Reference { get; init; }

    /// <summary>What is said in the video, as the protocol puts it before the question; whoever plans a run with subtitles fills it in.</summary>
    public string? Subtitles { get; init; }
}

public sealed record QuestionGroup(string Kind, string Name);

/// <summary>What a benchmark's annotation files hold.</summary>
/// <param name="Problems">what is malformed, each naming file, record, field and line; such records are not among the questions</param>
public sealed record BenchmarkFile(IReadOnlyList<BenchmarkQuestion> Questions, IReadOnlyList<string> Problems)
{
    /// <summary>What several files hold together; a question whose id stands in two of them is a problem.</summary>
    public static BenchmarkFile Join(IEnumerable<BenchmarkFile> files)
    {
        var all = files.ToList();
        var twice = all.SelectMany(file => file.Questions).GroupBy(question => question.Id, StringComparer.Ordinal).Where(same => same.Count() > 1)
            .Select(same => $"The question '{same.Key}' stands in {same.Count()} of the files.");
        return new BenchmarkFile([.. all.SelectMany(file => file.Questions).DistinctBy(question => question.Id, StringComparer.Ordinal)],
            [.. all.SelectMany(file => file.Problems), .. twice]);
    }
}
