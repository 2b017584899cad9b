using Tpo.Shared.Benchmarks;

namespace Tpo.GpuJob.Synthetic;

/// <summary>The four benchmarks in whose forms the world asks its four-option questions.</summary>
public enum ChoiceFormat
{
    LongVideoBench, Mlvu, VideoMme, NextGqa,
}

/// <summary>The text that each benchmark's harness sends for a question with four options, made by the benchmark's own code.</summary>
public static class ChoicePrompts
{
    public static IReadOnlyList<ChoiceFormat> Formats { get; } = Enum.GetValues<ChoiceFormat>();

    public static string Of(ChoiceFormat format, ChoiceQuestion choice)
    {
        var question = choice.Open.Question;
        return format switch
        {
            ChoiceFormat.LongVideoBench => LongVideoBench.Prompt(question, choice.Candidates),
            ChoiceFormat.Mlvu => Mlvu.Prompt(question, choice.Candidates),
            ChoiceFormat.VideoMme => VideoMme.Prompt(question, Lettered(choice)),
            _ => NextGqa.Prompt(NextGqaQuestion(question), choice.Candidates),
        };
    }

    /// <summary>The lines of the options alone, each behind a line break.</summary>
    public static string Options(ChoiceFormat format, ChoiceQuestion choice)
    {
        var whole = Of(format, choice);
        var first = whole.IndexOf(format is ChoiceFormat.Mlvu or ChoiceFormat.NextGqa ? "\n(A)" : "\nA.", StringComparison.Ordinal);
        var last = whole.IndexOf(choice.Candidates[^1], first, StringComparison.OrdinalIgnoreCase);
        return whole[first..whole.IndexOf('\n', last)];
    }

    /// <summary>Options as Video-MME stores them: "A. text".</summary>
    public static IReadOnlyList<string> Lettered(ChoiceQuestion choice) => [.. choice.Candidates.Select((text, i) => $"{(char)('A' + i)}. {text}")];

    /// <summary>NExT-GQA writes its questions in lower case and without the mark at the end.</summary>
    public static string NextGqaQuestion(string question) => question.ToLowerInvariant().TrimEnd('?');
}
