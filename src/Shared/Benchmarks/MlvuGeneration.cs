using System.Globalization;
using System.Text.RegularExpressions;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// The two tasks of MLVU whose answers are free text: scenes (`8_sub_scene.json`) and summaries (`9_summary.json`). A judge gives each two scores
/// of 1 to 5, as in the official evaluation; its prompt here is this project's own, so figures are not those of the paper's judge.
/// </summary>
public static partial class MlvuGeneration
{
    private const string Scene = "subPlot", Summary = "summary";

    public static JudgeRules Judge { get; } = new("the free answers of tasks 8 and 9; prompt of this project (2026-11)", Ask, Read);

    /// <summary>Whether a record is of these tasks: it has no candidates and says so.</summary>
    internal static bool Is(AnnotationRecord record) => !record.Has("candidates") && record.Has("question_type") && record.Text("question_type") is Scene or Summary;

    internal static BenchmarkQuestion Read(AnnotationRecord record, string stem, int number)
    {
        var (video, question, answer, type) = (record.Text("video"), record.Text("question"), record.Text("answer"), record.Text("question_type"));
        var points = type == Scene ? record.Texts("scoring_points") : [];
        record.Require(BlobPaths.IsSegment(video), "video", $"'{video}' is no file name (letters, digits, '-', '_', '.', '@')");
        return new BenchmarkQuestion(
            $"{stem}_{number}", $"{stem}_{Path.GetFileNameWithoutExtension(video)}", $"{stem}/{video}", question, question, 0, answer, [new("question_type", type)])
        {
            Task = type, Reference = points.Count > 0 ? string.Join('\n', points) : null,
        };
    }

    /// <summary>G-Avg: the mean of the two tasks' scores, each the sum of the two means, 2 to 10.</summary>
    internal static ScoreFigure Average(IReadOnlyList<ScoredQuestion> scored)
    {
        var free = scored.Where(each => each.Question.Task is Scene or Summary).ToList();
        const string name = "G-Avg (mean of the two free-text tasks, 2 to 10)";
        return free.Count == 0 ? new ScoreFigure(name, null, "no free-text question")
            : free.Any(each => each.Reading is { Credit: null }) ? new ScoreFigure(name, null, "answers without a judge's score")
            : new ScoreFigure(name, Tally.MeanOfGroups(free, "question_type") is { } mean ? 10 * mean : null, null);
    }

    private static JudgeRequest Ask(BenchmarkQuestion question, string answer)
    {
        var (first, second) = question.Task == Scene ? ("accuracy", "relevance") : ("completeness", "reliability");
        var reference = question.Reference is { } points ? $"{question.Gold}\nPoints that count:\n{points}" : question.Gold;
        return new JudgeRequest(
            $"You score answers about videos. Give two whole numbers from 1 to 5 for the answer's {first} and {second}, compared with the reference. "
                + $"Reply with exactly two lines: '{first}: N' and '{second}: N'.",
            $"Question:\n{question.Question}\n\nReference:\n{reference}\n\nAnswer:\n{answer}");
    }

    /// <summary>The two scores as a share of ten; words without both add nothing and stay in the denominator, as officially.</summary>
    private static Reading Read(BenchmarkQuestion question, string words)
    {
        var scores = Score().Matches(words).Select(match => int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture)).ToArray();
        return scores.Length == 2 ? new Reading(string.Join('+', scores), scores.Sum() / 10.0) : Reading.Unparsed;
    }

    [GeneratedRegex(@"^\s*[a-z]+:\s*([1-5])\s*$", RegexOptions.Multiline | RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Score();
}
