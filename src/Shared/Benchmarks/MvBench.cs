using System.Text.RegularExpressions;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// MVBench (arXiv 2311.17005): 20 tasks, 200 questions each. As lmms-eval asks and reads it (75571cf), where an empty answer leaves the denominator,
/// the article "a" reads as A and "I'd" as D; and as its authors do, whose check takes an empty answer and a lone "(" for right.
/// </summary>
public static partial class MvBench
{
    public const string Protocol = "MVBench, lmms-eval mvbench (75571cf, 2026-08-06), empty answers left out";
    public const int MaxNewTokens = 16;

    private const string Instruction = "\nOnly give the best option.";
    private const string OfficialSystem =
        "Carefully watch the video and pay attention to the cause and sequence of events, the detail and movement of objects, and the action and pose of persons. "
        + "Based on your observations, select the best option that accurately addresses the question.\n";

    /// <summary>Marks that VQA's normalisation removes or blanks.</summary>
    private const string Marks = ";/[]\"{}()=+\\_-><@`,?!";

    /// <summary>Each task's folder of videos, as lmms-eval lays them out.</summary>
    private static readonly Dictionary<string, string> Folders = new()
    {
        ["action_antonym"] = "ssv2_video_mp4", ["action_count"] = "perception/videos", ["action_localization"] = "sta/sta_video_segment",
        ["action_prediction"] = "star/Charades_segment", ["action_sequence"] = "star/Charades_segment", ["character_order"] = "perception/videos",
        ["counterfactual_inference"] = "clevrer/video_validation", ["egocentric_navigation"] = "vlnqa", ["episodic_reasoning"] = "tvqa/video_fps3_hq_segment",
        ["fine_grained_action"] = "Moments_in_Time_Raw/videos", ["fine_grained_pose"] = "nturgbd_convert", ["moving_attribute"] = "clevrer/video_validation",
        ["moving_count"] = "clevrer/video_validation", ["moving_direction"] = "clevrer/video_validation", ["object_existence"] = "clevrer/video_validation",
        ["object_interaction"] = "star/Charades_segment", ["object_shuffle"] = "perception/videos", ["scene_transition"] = "scene_qa/video",
        ["state_change"] = "perception/videos", ["unexpected_action"] = "FunQA_test/test",
    };

    public static Benchmark Benchmark { get; } = new(
        "MVBench", "mvbench", "TASK.json or TASK.parquet, 20 tasks", files => BenchmarkFile.Join(files.Select(file => Load(file.Text, file.Name))),
        [
            new(Protocol, MaxNewTokens, question => question.Prompt, Read, Figures),
            Official("MVBench, official (mvbench.ipynb 4dd8210)"),
        ]);

    /// <summary>Reads one task's file; its stem names the task. A question is called "{task}_{number}".</summary>
    public static BenchmarkFile Load(string json, string file) =>
        TaskQuestions.Load(json, file, Folders, Prompt, (choices, answer) => choices.ToList().IndexOf(answer));

    /// <summary>Question, one line a candidate, instruction.</summary>
    public static string Prompt(string question, IReadOnlyList<string> candidates) => $"Question:{question}\nOption:{OptionLetters.Bracketed(candidates)}{Instruction}\n";

    public static string OfficialQuestion(string question, IReadOnlyList<string> candidates) => $"Question: {question}\nOptions:{OptionLetters.Bracketed(candidates)}";

    /// <summary>The official check: of the first words, up to a blank, one holds the other, dots of the answer's aside. An empty word is held by any.</summary>
    /// <param name="gold">"(B) Ran"</param>
    public static bool OfficialCheck(string answer, string gold)
    {
        var (said, right) = (answer.ToLowerInvariant().Split(' ')[0], gold.ToLowerInvariant().Split(' ')[0]);
        return right.Contains(said.Replace(".", "", StringComparison.Ordinal), StringComparison.Ordinal) || said.Contains(right, StringComparison.Ordinal);
    }

    /// <summary>"X. text" alone is the letter X; else the first single letter a-e, capital or not, after marks are taken out; or null.</summary>
    public static string? Parse(string answer)
    {
        if (Lettered().Match(answer.Trim()) is { Success: true } whole)
            return whole.Groups[1].Value.ToUpperInvariant();
        var text = answer.Replace('\n', ' ').Replace('\t', ' ').Trim();
        var (plain, numbers) = (text, DigitComma().IsMatch(text));
        foreach (var mark in Marks)
        {
            var atBlank = text.Contains($"{mark} ", StringComparison.Ordinal) || text.Contains($" {mark}", StringComparison.Ordinal);
            plain = plain.Replace(mark.ToString(), atBlank || numbers ? "" : " ", StringComparison.Ordinal);
        }
        plain = FullStop().Replace(plain, "").Trim('\'', '"', '(', ')').ToLowerInvariant();
        return SingleLetter().Match(plain) is { Success: true } letter ? letter.Value.ToUpperInvariant() : null;
    }

    private static Reading Read(BenchmarkQuestion question, string answer) =>
        answer.Length == 0 ? Reading.Unparsed with { IsLeftOut = true } : Reading.Of(Parse(answer), question.Gold);

    /// <summary>The authors' way, which TVBench's took over: the answer begins with an open bracket, and its first line is checked.</summary>
    internal static BenchmarkProtocol Official(string name) =>
        new(name, MaxNewTokens, question => OfficialQuestion(question.Question, question.Choices!) + Instruction, ReadOfficial, Figures)
        {
            System = OfficialSystem, AnswerStart = "Best option:(",
        };

    private static Reading ReadOfficial(BenchmarkQuestion question, string completion)
    {
        var answer = "(" + completion.Split('\n', 2)[0];
        var first = answer.Split(' ')[0];
        return new Reading(first.Any(char.IsLetter) ? first : null, OfficialCheck(answer, $"({question.Gold}) ") ? 1 : 0);
    }

    internal static IReadOnlyList<ScoreFigure> Figures(IReadOnlyList<ScoredQuestion> scored) =>
        [new("accuracy over questions", Tally.Pooled(scored)), new("mean of the tasks", Tally.MeanOfGroups(scored, "task"))];

    [GeneratedRegex(@"^([A-E])\.\s*(.+)$", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant)]
    private static partial Regex Lettered();

    [GeneratedRegex(@"\d,\d", RegexOptions.CultureInvariant)]
    private static partial Regex DigitComma();

    [GeneratedRegex(@"\.(?!\d)", RegexOptions.CultureInvariant)]
    private static partial Regex FullStop();

    [GeneratedRegex(@"\b[a-e]\b", RegexOptions.CultureInvariant)]
    private static partial Regex SingleLetter();
}
