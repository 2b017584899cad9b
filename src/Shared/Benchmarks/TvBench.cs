using System.Globalization;
using System.Text.RegularExpressions;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// TVBench (arXiv 2410.07752): ten tasks in MVBench's form. As lmms-eval asks and reads it (75571cf), as its authors do (MVBench's prompt and check),
/// and as RRPO's repository reads it (the first letter anywhere). lmms-eval takes a gold answer of digits for an index before it looks for its text;
/// a figure says how many gold letters differ by that.
/// </summary>
public static partial class TvBench
{
    public const string Protocol = "TVBench, lmms-eval tvbench (75571cf, 2026-08-06), unparsed counted as wrong";
    public const int MaxNewTokens = 32;

    private const string Instruction = "\nAnswer with the option letter only.";

    private static readonly Dictionary<string, string> Tasks = new[]
    {
        "action_antonym", "action_count", "action_localization", "action_sequence", "egocentric_sequence", "moving_direction", "object_count", "object_shuffle",
        "scene_transition", "unexpected_action",
    }.ToDictionary(task => task);

    public static Benchmark Benchmark { get; } = new(
        "TVBench", "tvbench", "TASK.json or TASK.parquet, 10 tasks", files => BenchmarkFile.Join(files.Select(file => Load(file.Text, file.Name))),
        [
            new(Protocol, MaxNewTokens, question => question.Prompt, (question, answer) => Reading.Of(Parse(answer, question.Choices!), HarnessGold(question)),
                scored =>
                [
                    .. MvBench.Figures(scored),
                    new("number of gold letters that the harness reads otherwise than by text", scored.Count(each => HarnessGold(each.Question) != each.Question.Gold)),
                ]),
            MvBench.Official("TVBench, official (vqa_dataset.py c354322)"),
            new("TVBench, RRPO (tvbench.py a905573)", MaxNewTokens, question => question.Prompt,
                (question, answer) => Reading.Of(FirstLetter(answer), question.Gold), MvBench.Figures),
        ]);

    /// <summary>Reads one task's file; its stem names the task. A question is called "{task}_{number}".</summary>
    public static BenchmarkFile Load(string json, string file) => TaskQuestions.Load(json, file, Tasks, Prompt, IndexByText);

    public static string Prompt(string question, IReadOnlyList<string> candidates) => question + OptionLetters.Dotted(candidates) + Instruction;

    /// <summary>The first candidate equal to the answer, else the first equal to it but for blanks around it and capitals; below 0 = none.</summary>
    public static int IndexByText(IReadOnlyList<string> candidates, string answer) =>
        candidates.ToList().IndexOf(answer) is >= 0 and var index ? index : candidates.ToList().FindIndex(candidate => Normal(candidate) == Normal(answer));

    /// <summary>
    /// lmms-eval's gold letter: a single letter is itself, digits are an index from 0, where too great one from 1, and only what is neither is looked up by its text.
    /// </summary>
    public static string? HarnessGold(IReadOnlyList<string> candidates, string answer)
    {
        var text = answer.Trim();
        if (text is [var letter] && char.IsLetter(letter))
            return text.ToUpperInvariant();
        if (text.All(char.IsAsciiDigit) && int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number <= candidates.Count)
            return OptionLetters.Of(number < candidates.Count ? number : number - 1);
        return IndexByText(candidates, answer) is >= 0 and var index ? OptionLetters.Of(index) : null;
    }

    /// <summary>
    /// The answer's first single letter where it is offered, else the letter it begins with, else the one candidate whose text it holds; or null: "I think it
    /// is C" names none, since the first single letter is I.
    /// </summary>
    public static string? Parse(string answer, IReadOnlyList<string> candidates)
    {
        bool IsOffered(string letter) => letter[0] - 'A' < candidates.Count;
        var upper = answer.ToUpperInvariant();
        if (Single().Match(upper) is { Success: true } single && IsOffered(single.Value))
            return single.Value;
        if (Leading().Match(upper) is { Success: true } leading && IsOffered(leading.Groups[1].Value))
            return leading.Groups[1].Value;
        var held = candidates.Index().Where(candidate => Normal(answer).Contains(Normal(candidate.Item), StringComparison.Ordinal)).ToList();
        return held.Count == 1 ? OptionLetters.Of(held[0].Index) : null;
    }

    /// <summary>The first letter of any word, in capitals: "The answer is B" reads as T.</summary>
    public static string? FirstLetter(string answer) => AnyLetter().Match(answer) is { Success: true } letter ? letter.Value.ToUpperInvariant() : null;

    private static string HarnessGold(BenchmarkQuestion question) => HarnessGold(question.Choices!, question.Choices![question.Gold[0] - 'A']) ?? question.Gold;

    private static string Normal(string text) => text.Trim().ToLowerInvariant();

    [GeneratedRegex(@"\b[A-Z]\b", RegexOptions.CultureInvariant)]
    private static partial Regex Single();

    [GeneratedRegex(@"^\s*[\(\[]?([A-Z])", RegexOptions.CultureInvariant)]
    private static partial Regex Leading();

    [GeneratedRegex("[A-Za-z]", RegexOptions.CultureInvariant)]
    private static partial Regex AnyLetter();
}
