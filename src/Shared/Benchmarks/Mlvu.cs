namespace Tpo.Shared.Benchmarks;

/// <summary>
/// MLVU (arXiv 2406.04264), dev split, its multiple choice (github.com/JUNJIE99/MLVU, `data/`), as lmms-eval's task `mlvu_dev` asks it and as its
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
    private const string System = "Carefully watch this video and pay attention to every detail. Based on your observations, select the best option that accurately addresses the question.";

    private static readonly string[] Types = ["plotQA", "findNeedle", "ego", "count", "order", "anomaly_reco", "topic_reasoning"];

    public static Benchmark Benchmark { get; } = new(
        "MLVU", "mlvu", "1_plotQA.json to 9_summary.json", files => Load(files.Select(file => (file.Text, file.Name))),
        [
            new(Protocol, MaxNewTokens, question => question.Prompt, By((answer, _) => Parse(answer)), Figures(Types.Length)) { Judge = MlvuGeneration.Judge },
            new("MLVU dev, official (choice_bench.py), tasks present", MaxNewTokens, question => question.Choices is { } choices ? OfficialQuestion(question.Question, choices) + "\nOnly give the best option." : question.Prompt,
                By((answer, _) => OfficialLetter(answer)), Figures(null)) { System = System, AnswerStart = "Best Option: (", Judge = MlvuGeneration.Judge },
            new("MLVU dev, lmms-eval mlvu of January 2025 (micro average)", MaxNewTokens,
                question => question.Choices is { } choices ? Prompt2025(question.Question + OptionLetters.Bracketed(choices)) : question.Prompt,
                By((answer, _) => VideoMme.Parse(answer)), scored => [new("accuracy over questions", Tally.Pooled(scored.Where(IsChoice)))]) { Judge = MlvuGeneration.Judge },
            new("MLVU dev, lmms-eval mlvu_dev (shared extractor of 2026-04-11)", MaxNewTokens, question => question.Prompt,
                By(SharedExtractor.Extract), Figures(Types.Length)) { Judge = MlvuGeneration.Judge },
        ]);

    /// <summary>The files of the seven multiple-choice tasks; 8 and 9 are free-form and have no candidates (<see cref="MlvuGeneration"/>).</summary>
    public static IReadOnlyList<string> FileNames { get; } =
    [
        "1_plotQA.json", "2_needle.json", "3_ego.json", "4_count.json", "5_order.json", "6_anomaly_reco.json", "7_topic_reasoning.json",
    ];

    /// <summary>Reads the files of several tasks, in the given order.</summary>
    public static BenchmarkFile Load(IEnumerable<(string Json, string File)> files)
    {
        return BenchmarkFile.Join(files.Select(file => Load(file.Json, file.File)));
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
        foreach (var (index, record) in AnnotationRecords.List(json, file, problems).Index())
        {
            var question = MlvuGeneration.Is(record) ? MlvuGeneration.Read(record, stem, index + 1) : Read(record, stem, index + 1);
            if (record.IsSound)
                questions.Add(question);
        }
        return new BenchmarkFile(questions, problems);
    }

    /// <summary>Question, one line a candidate ("(A) text"), instruction with an open bracket.</summary>
    public static string Prompt(string question, IReadOnlyList<string> candidates) => question + OptionLetters.Bracketed(candidates) + Instruction;

    /// <summary>The official block of question and options.</summary>
    public static string OfficialQuestion(string question, IReadOnlyList<string> candidates) => $"Question: {question}\nOptions:{OptionLetters.Bracketed(candidates)}";

    /// <summary>What lmms-eval's task `mlvu` sent in January 2025.</summary>
    /// <param name="question">with its options</param>
    public static string Prompt2025(string question) => $"\n{question}\nOnly give the best option.\n\nBest option: (";

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

    /// <summary>The one character before the first ")", or the whole answer, blanks and all; the official check compares it with the letter.</summary>
    public static string? OfficialLetter(string answer) => answer.IndexOf(')') switch
    {
        < 0 => answer.Length == 1 ? answer : null,
        0 => null,
        var bracket => answer[(bracket - 1)..bracket],
    };

    private static bool IsChoice(ScoredQuestion each) => each.Question.Choices is not null;

    private static Func<BenchmarkQuestion, string, Reading> By(Func<string, int, string?> parse) =>
        (question, answer) => question.Choices is null ? Reading.ForJudge : Reading.Of(parse(answer, question.Options), question.Gold);

    /// <param name="tasks">the divisor of M-Avg; null = the tasks present</param>
    private static Func<IReadOnlyList<ScoredQuestion>, IReadOnlyList<ScoreFigure>> Figures(int? tasks) => scored =>
    [
        new("M-Avg (mean of the multiple-choice tasks)", Tally.MeanOfGroups(scored.Where(IsChoice), "question_type", tasks)),
        new("accuracy over questions", Tally.Pooled(scored.Where(IsChoice))),
        MlvuGeneration.Average(scored),
    ];

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
            Gold(candidates, answer), [new("question_type", type)])
        {
            Choices = candidates,
        };
    }

    /// <summary>The last of equal candidates, as the official template has it.</summary>
    private static string Gold(IReadOnlyList<string> candidates, string answer) =>
        Array.LastIndexOf([.. candidates], answer) is >= 0 and var index ? OptionLetters.Of(index) : NoGold;
}
