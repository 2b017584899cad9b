namespace Tpo.Shared.Benchmarks;

/// <summary>
/// LVBench (arXiv 2406.08035; github.com/THUDM/LVBench): one video a line with its questions, whose options stand in their text. The authors give no
/// prompt; the sentence behind the question is ours. Answers are read by their rule: of what stands before the first ")" and behind its first "(",
/// the first character. A question counts under each of its abilities.
/// </summary>
public static class LvBench
{
    public const string FileName = "video_info.meta.jsonl";
    public const string Protocol = "LVBench, official parser (answer_util.py 1dd4612), prompt of this project, unparsed counted as wrong";
    public const int MaxNewTokens = 16;

    private const string Letters = "ABCD";
    private const string Instruction = "\nAnswer with the letter of the right option.";

    private static readonly string[] Abilities =
        ["key information retrieval", "event understanding", "summarization", "entity recognition", "reasoning", "temporal grounding"];

    public static Benchmark Benchmark { get; } = new(
        "LVBench", "lvbench", FileName, files => BenchmarkFile.Join(files.Select(file => Load(file.Text, file.Name))),
        [new(Protocol, MaxNewTokens, question => question.Prompt, (question, answer) => Reading.Of(Parse(answer), question.Gold), scored => [new("accuracy", Tally.Pooled(scored))])]);

    public static BenchmarkFile Load(string text, string file = FileName)
    {
        var problems = new List<string>();
        var questions = new List<BenchmarkQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var video in AnnotationRecords.Lines(text, file, problems, "key"))
        {
            var (key, type) = (video.Text("key"), video.Text("type"));
            video.Require(BlobPaths.IsSegment(key), "key", $"'{key}' is no name (letters, digits, '-', '_', '.', '@')");
            var isSound = video.IsSound;
            foreach (var record in video.Records("qa", "question", "uid"))
            {
                var question = Read(record, key, type);
                record.Require(ids.Add(question.Id), "uid", "stands in an earlier record too");
                if (isSound && record.IsSound)
                    questions.Add(question);
            }
        }
        return new BenchmarkFile(questions, problems);
    }

    public static string Prompt(string question) => question + Instruction;

    /// <summary>The letter, or null where the character read is none of A to D.</summary>
    public static string? Parse(string answer)
    {
        var said = answer.Trim().Split(')')[0].Trim();
        said = (said.Contains('(') ? said.Split('(')[1].Trim() : said).Split(' ')[0];
        return said.Length > 0 && Letters.Contains(said[0]) ? said[..1] : null;
    }

    private static BenchmarkQuestion Read(AnnotationRecord record, string video, string type)
    {
        var (id, question, answer, abilities) = (record.Text("uid"), record.Text("question"), record.Text("answer"), record.Texts("question_type"));
        record.Require(Letters.All(letter => question.Contains($"\n({letter})", StringComparison.Ordinal)), "question", "must hold the options (A) to (D), each in a line of its own");
        record.Require(answer is [var gold] && Letters.Contains(gold), "answer", $"is '{answer}', not A, B, C or D");
        record.Require(abilities.Count > 0 && abilities.All(Abilities.Contains), "question_type", $"is '{string.Join(", ", abilities)}', not of the {Abilities.Length} abilities");
        return new BenchmarkQuestion(
            id, video, $"{video}.mp4", question, Prompt(question), Letters.Length, answer,
            [new("type", type), .. abilities.Distinct().Select(ability => new QuestionGroup("question_type", ability))]);
    }
}
