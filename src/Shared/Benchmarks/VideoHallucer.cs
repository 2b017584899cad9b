using System.Text.RegularExpressions;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// VideoHallucer (arXiv 2406.16338; github.com/patrick-tssn/VideoHallucer, read at ae4c2f2): pairs of a basic question and one about something
/// made up, right where both are. An answer is right where the gold word stands anywhere in it, so one that says both words is right either way.
/// One without "yes" and "no" is unparsed, wrong, and counted. The data of before 2025-10-24 had 200 temporal pairs, not 176.
/// </summary>
public static class VideoHallucer
{
    public const string Protocol = "VideoHallucer, official (ae4c2f2, 2025-10-24)";

    /// <summary>The authors leave it to each model; 16, as other benchmarks of a word have, are our choice.</summary>
    public const int MaxNewTokens = 16;

    private const string Instruction = "\nAnswer the question using 'yes' or 'no'.";
    private const string Basic = "basic", Hallucination = "hallucination";

    /// <summary>Of each subset the types of its pairs; null = any. The first five make the headline.</summary>
    private static readonly (string Name, string[]? Types)[] Subsets =
    [
        ("object_relation", ["relation", "subject", "object"]), ("temporal", ["temporal_relative", "length_relative", "temporal_absolute"]),
        ("semantic_detail", ["semantic_detail"]), ("external_factual", ["external_factual_instruct", "external_factual_course"]),
        ("external_nonfactual", ["external_nonfactual_instruct", "external_nonfactual_course"]),
        ("fact_detect", ["fact_nonfact_course"]), ("fact_detect_yn", ["fact_nonfact_course"]), ("interaction", null),
    ];

    private static readonly string[] Headline = [.. Subsets.Take(5).Select(subset => subset.Name)];

    public static Benchmark Benchmark { get; } = new(
        "VideoHallucer", "videohallucer", "object_relation.json, temporal.json, semantic_detail.json, external_factual.json, external_nonfactual.json",
        files => BenchmarkFile.Join(files.Select(file => Load(file.Text, file.Name))),
        [new(Protocol, MaxNewTokens, question => question.Prompt, Read, Figures)]);

    /// <summary>Reads one subset's file; its stem names the subset. A pair is called "{subset}_{number}", its questions with the member's name behind.</summary>
    public static BenchmarkFile Load(string json, string file)
    {
        var subset = Path.GetFileNameWithoutExtension(file);
        if (Subsets.All(known => known.Name != subset))
            return new BenchmarkFile([], [$"{file}: '{subset}' is none of the subsets {string.Join(", ", Subsets.Select(known => known.Name))}."]);
        var problems = new List<string>();
        var questions = new List<BenchmarkQuestion>();
        foreach (var (index, record) in AnnotationRecords.List(json, file, problems).Index())
        {
            var type = record.Text("type");
            record.Require(Subsets.First(known => known.Name == subset).Types?.Contains(type) ?? true, "type", $"is '{type}', which is none of {subset}'s");
            BenchmarkQuestion?[] pair = [.. new[] { Basic, Hallucination }.Select(member => Member(record, member, subset, type, index + 1))];
            if (record.IsSound)
                questions.AddRange(pair.OfType<BenchmarkQuestion>());
        }
        return new BenchmarkFile(questions, problems);
    }

    public static string Prompt(string question) => question + Instruction;

    /// <summary>Whether the word stands in the answer as a whole word, in capitals or not.</summary>
    public static bool Says(string answer, string word) => Regex.IsMatch(answer, $@"\b({word})\b", RegexOptions.IgnoreCase | RegexOptions.CultureInvariant);

    private static Reading Read(BenchmarkQuestion question, string answer)
    {
        var said = string.Join(" and ", new[] { "yes", "no" }.Where(word => Says(answer, word)));
        return Reading.Of(said.Length > 0 ? said : null, Says(answer, question.Gold));
    }

    private static BenchmarkQuestion? Member(AnnotationRecord record, string member, string subset, string type, int number)
    {
        if (record.Part(member) is not { } part)
            return null;
        var (video, question, answer) = (part.Text("video"), part.Text("question"), part.Text("answer"));
        part.Require(answer is "yes" or "no", "answer", $"is '{answer}', not yes or no");
        part.Require(BlobPaths.IsSegment(video.Replace(' ', '_')), "video", $"'{video}' is no file name (letters, digits, '-', '_', '.', '@', blanks)");
        return new BenchmarkQuestion(
            $"{subset}_{number}_{member}", $"{subset}_{Path.GetFileNameWithoutExtension(video)}", $"{subset}/{video}", question, Prompt(question), 2, answer,
            [new("subset", subset), new("type", type)])
        {
            Task = member, Unit = $"{subset}_{number}",
        };
    }

    /// <summary>Means of the subsets' shares; pooled, subsets would weigh by their pairs.</summary>
    private static IReadOnlyList<ScoreFigure> Figures(IReadOnlyList<ScoredQuestion> scored)
    {
        var counted = scored.Where(each => Headline.Contains(each.Question.Groups[0].Name)).ToList();
        var missing = Headline.Where(name => counted.All(each => each.Question.Groups[0].Name != name || each.Reading is null)).ToList();
        var of = missing.Count == 0 ? "" : $" (without {string.Join(", ", missing)})";
        IEnumerable<ScoredQuestion> Members(string member) => counted.Where(each => each.Question.Task == member);
        return
        [
            new($"accuracy{of}", Tally.MeanOfGroups(counted, "subset")),
            new($"basic accuracy{of}", Tally.MeanOfGroups(Members(Basic), "subset")),
            new($"hallucination accuracy{of}", Tally.MeanOfGroups(Members(Hallucination), "subset")),
            new($"accuracy over pairs{of}", Tally.Pooled(counted)),
        ];
    }
}
