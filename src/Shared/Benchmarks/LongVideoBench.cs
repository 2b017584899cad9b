namespace Tpo.Shared.Benchmarks;

/// <summary>
/// LongVideoBench (arXiv 2407.15754), validation split, as lmms-eval's task `longvideobench_val_v` asks and reads it since 2024-11-13: no subtitles,
/// the first capital A-E after fixed phrases are removed. One difference: where no letter is found, lmms-eval draws one at random; here
/// the answer is unparsed, wrong, and counted, and a second figure says what drawing would give on average.
/// </summary>
public static class LongVideoBench
{
    public const string FileName = "lvb_val.json";
    public const string Protocol = "LongVideoBench, lmms-eval longvideobench_val_v (parser of 2024-11-13), no subtitles, unparsed counted as wrong";
    public const int MaxNewTokens = 32;

    private const string Instruction = "Answer with the option's letter from the given choices directly.\n";

    /// <summary>Stands where the parquet files have no further option.</summary>
    private const string Padding = "N/A";

    private static readonly string[] Phrases =
    [
        "The best answer is", "The correct answer is", "The answer is", "The answer", "The best option is", "The correct option is", "Best answer:", "Best option:",
    ];

    private static readonly string[] Categories =
        ["S2E", "S2O", "S2A", "E2O", "O2E", "T2E", "T2O", "T2A", "E3E", "O3O", "SSS", "SOS", "SAA", "T3E", "T3O", "TOS", "TAA"];

    public static Benchmark Benchmark { get; } = new(
        "LongVideoBench", "longvideobench", $"{FileName}, or validation-00000-of-00001.parquet", files => BenchmarkFile.Join(files.Select(file => Load(file.Text, file.Name))),
        [
            new(Protocol, MaxNewTokens, question => question.Prompt, Read, Figures),
            new("LongVideoBench, lmms-eval longvideobench_val_i (parser of 2024-11-13), subtitles between the frames, unparsed counted as wrong", MaxNewTokens,
                PromptBehindSubtitles, Read, Figures) { NeedsMore = "it puts subtitles between the frames, and this product's models read all frames before the text" },
        ]);

    /// <summary>Reads `lvb_val.json` as its authors publish it, or the rows of its parquet twin, whose options stand in columns of their own.</summary>
    public static BenchmarkFile Load(string json, string file = FileName)
    {
        var problems = new List<string>();
        var questions = new List<BenchmarkQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in AnnotationRecords.List(json, file, problems))
        {
            var question = Read(record);
            record.Require(ids.Add(question.Id), "id", "stands in an earlier record too");
            if (record.IsSound)
                questions.Add(question);
        }
        return new BenchmarkFile(questions, problems);
    }

    /// <summary>Question, one line an option ("A. text"), instruction. Options that are "N/A" pad the parquet files and are left out.</summary>
    public static string Prompt(string question, IReadOnlyList<string> candidates)
    {
        var options = candidates.Select((text, i) => (Letter: OptionLetters.Of(i), Text: text)).Where(option => option.Text != Padding);
        return $"{question}\n{string.Join('\n', options.Select(option => $"{option.Letter}. {option.Text}"))}\n{Instruction}";
    }

    /// <summary>The letter that an answer names, or null.</summary>
    public static string? Parse(string answer)
    {
        var text = Phrases.Aggregate(answer.Trim(), (left, phrase) => left.Replace(phrase, "", StringComparison.Ordinal));
        var place = text.AsSpan().IndexOfAnyInRange('A', 'E');
        return place < 0 ? null : text[place].ToString();
    }

    private static string PromptBehindSubtitles(BenchmarkQuestion question) => question.Subtitles is { } lines ? $"{lines}\n{question.Prompt}"
        : throw new NotSupportedException($"'{question.Id}': this protocol needs the frames' marks and the subtitles, which {nameof(LongVideoBenchSubtitles)} makes.");

    private static Reading Read(BenchmarkQuestion question, string answer) => Reading.Of(Parse(answer), question.Gold);

    private static IReadOnlyList<ScoreFigure> Figures(IReadOnlyList<ScoredQuestion> scored) =>
    [
        new("accuracy", Tally.Pooled(scored)),
        new("accuracy, an unparsed answer counted as 1 / options", Tally.Mean(
            scored.Where(each => each.Reading is not null).Select(each => each.Reading!.Said is null ? 1.0 / each.Question.Options : each.Reading.Credit!.Value))),
    ];

    private static BenchmarkQuestion Read(AnnotationRecord record)
    {
        var (id, question) = (record.Text("id"), record.Text("question"));
        var (video, path) = (record.Text("video_id"), record.Text("video_path"));
        var candidates = record.Has("option0") ? [.. Enumerable.Range(0, 5).Select(i => record.Text($"option{i}"))] : record.Texts("candidates");
        var options = candidates.Count(text => text != Padding);
        var correct = record.Whole("correct_choice");
        var group = record.Whole("duration_group");
        var (category, level) = (record.Text("question_category"), record.Text("level"));
        record.Require(options is >= 2 and <= 5, "candidates", $"has {options} options, not 2 to 5");
        record.Require(correct >= 0 && correct < options, "correct_choice", $"is {correct}, with {options} options");
        record.Require(group is 15 or 60 or 600 or 3600, "duration_group", $"is {group}, not 15, 60, 600 or 3600");
        record.Require(Categories.Contains(category), "question_category", $"is '{category}', which is none of the 17");
        record.Require(BlobPaths.IsSegment(video), "video_id", $"'{video}' is no name (letters, digits, '-', '_', '.', '@')");
        record.Require(BlobPaths.IsPath(path), "video_path", $"'{path}' is no path inside the videos folder");
        return new BenchmarkQuestion(
            id, video, path, question, Prompt(question, candidates), options, OptionLetters.Of(correct),
            [new("duration_group", $"{group}"), new("question_category", category), new("level", level)])
        {
            Choices = [.. candidates.Where(text => text != Padding)],
        };
    }
}
