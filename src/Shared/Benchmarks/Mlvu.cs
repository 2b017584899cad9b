namespace Tpo.Shared.Benchmarks;

/// <summary>
/// MLVU (arXiv 2406.04264), multiple choice of the dev split (github.com/JUNJIE99/MLVU, `data/`), as lmms-eval's task `mlvu_dev` asks it and as its
/// parser of 2025-03-16 to 2026-04-11 reads it. The hub copy that lmms-eval loads has the options inside its question; here they are laid out as in
/// the official template. An answer without a letter is unparsed, wrong, and counted.
/// </summary>
public static class Mlvu
{
    public const string Protocol = "MLVU dev, multiple choice, lmms-eval mlvu_dev (parser of 2025-03-16), unparsed counted as wrong";
    public const int MaxNewTokens = 16;

    /// <summary>The official gold "letter" where the answer is none of the candidates: never right.</summary>
    public const string NoGold = "@";

    private const int Candidates = 4;
    private const string Instruction = "\nOnly give the best option.\nBest option: (";

    private static readonly string[] Types = ["plotQA", "findNeedle", "ego", "count", "order", "anomaly_reco", "topic_reasoning"];

    /// <summary>The files of the seven multiple-choice tasks; 8 and 9 are free-form and have no candidates.</summary>
    public static IReadOnlyList<string> FileNames { get; } =
    [
        "1_plotQA.json", "2_needle.json", "3_ego.json", "4_count.json", "5_order.json", "6_anomaly_reco.json", "7_topic_reasoning.json",
    ];

    /// <summary>Reads the files of several tasks, in the given order.</summary>
    public static BenchmarkFile Load(IEnumerable<(string Json, string File)> files)
    {
        var loaded = files.Select(file => Load(file.Json, file.File)).ToList();
        return new BenchmarkFile([.. loaded.SelectMany(file => file.Questions)], [.. loaded.SelectMany(file => file.Problems)]);
    }

    /// <summary>
    /// Reads one task's file as its authors publish it. Records have no ids: a question is called by the file's stem and the record's number
    /// ("1_plotQA_12"), a video lies in the folder of the stem.
    /// </summary>
    public static BenchmarkFile Load(string json, string file)
    {
        var stem = Path.GetFileNameWithoutExtension(file);
        var problems = new List<string>();
        var questions = new List<BenchmarkQuestion>();
        foreach (var (index, record) in AnnotationRecord.List(json, file, problems).Index())
        {
            var question = Read(record, stem, index + 1);
            if (record.IsSound)
                questions.Add(question);
        }
        return new BenchmarkFile(questions, problems);
    }

    /// <summary>Question, one line a candidate ("(A) text"), instruction with an open bracket.</summary>
    public static string Prompt(string question, IReadOnlyList<string> candidates) =>
        question + string.Concat(candidates.Select((text, i) => $"\n({Letter(i)}) {text}")) + Instruction;

    /// <summary>The character before the first ")", or the whole trimmed answer where there is no ")"; null where that is no letter A-E.</summary>
    public static string? Parse(string answer)
    {
        var bracket = answer.IndexOf(')');
        var said = bracket switch
        {
            < 0 => answer.Trim(),
            0 => "",
            _ => answer[(bracket - 1)..bracket],
        };
        return said.Length == 1 && said[0] is >= 'A' and <= 'E' ? said : null;
    }

    private static BenchmarkQuestion Read(AnnotationRecord record, string stem, int number)
    {
        var (video, question) = (record.Text("video"), record.Text("question"));
        var candidates = record.Texts("candidates");
        var (answer, type) = (record.Text("answer"), record.Text("question_type"));
        record.Require(candidates.Count == Candidates, "candidates", $"has {candidates.Count} texts, not {Candidates}");
        record.Require(Types.Contains(type), "question_type", $"is '{type}', which is none of the {Types.Length} multiple-choice tasks");
        record.Require(BlobPaths.IsSegment(video), "video", $"'{video}' is no file name (letters, digits, '-', '_', '.', '@')");
        return new BenchmarkQuestion(
            $"{stem}_{number}", $"{stem}_{Path.GetFileNameWithoutExtension(video)}", $"{stem}/{video}", question, Prompt(question, candidates), Candidates,
            Gold(candidates, answer), [new("question_type", type)]);
    }

    /// <summary>The last of equal candidates, as the official template has it.</summary>
    private static string Gold(IReadOnlyList<string> candidates, string answer) =>
        Array.LastIndexOf([.. candidates], answer) is >= 0 and var index ? Letter(index) : NoGold;

    private static string Letter(int index) => ((char)('A' + index)).ToString();
}
