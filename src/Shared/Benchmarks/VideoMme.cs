using System.Text.Json;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// Video-MME (arXiv 2405.21075), as lmms-eval's task `videomme` asks it with its default post-prompt since 2024-10-13 and reads it until 2026-04-11,
/// with subtitles (<see cref="VideoMmeSubtitles"/>) and without, and as its authors do. lmms-eval speaks of subtitles even where there are none. Its rule that an answer of more than ten words without
/// a capital A-D names nothing is part of the general one. An answer without a letter is unparsed, wrong, and counted, as in lmms-eval.
/// </summary>
public static class VideoMme
{
    /// <summary>The name of the official template of results, whose format this is; "response" and "missing" are not read.</summary>
    public const string FileName = "output_test_template.json";
    public const string Protocol = "Video-MME, lmms-eval videomme (parser before 2026-04-11), no subtitles, unparsed counted as wrong";
    public const int MaxNewTokens = 16;

    private const string Instruction =
        "Select the best answer to the following multiple-choice question based on the video and the subtitles. " +
        "Respond with only the letter (A, B, C, or D) of the correct option.\n";
    private const string PostPrompt = "\nAnswer with the option's letter from the given choices directly.";
    private const string EndPrompt = "The best answer is:";
    private const string Listed = "This video's subtitles are listed below:";
    private const string OfficialInstruction =
        "Select the best answer to the following multiple-choice question based on the video. Respond with only the letter (A, B, C, or D) of the correct option.\n";
    private const string Letters = "ABCD";

    /// <summary>lmms-eval's list lacks two commas, so that two entries are glued pairs that hardly ever occur: "Best option: C" reads as B.</summary>
    private static readonly string[] Phrases =
    [
        "The best answer is", "The correct answer is", "The answer is", "The answer", "The best option isThe correct option is", "Best answer:Best option:",
    ];

    private static readonly string[] OfficialPhrases = [.. Phrases, "Answer:", "Option:", "The correct answer", "The correct option"];

    private static readonly string[] Durations = ["short", "medium", "long"];

    private static readonly string[] Domains =
        ["Knowledge", "Film & Television", "Sports Competition", "Artistic Performance", "Life Record", "Multilingual"];

    private static readonly string[] TaskTypes =
    [
        "Temporal Perception", "Spatial Perception", "Attribute Perception", "Action Recognition", "Object Recognition", "OCR Problems", "Counting Problem",
        "Temporal Reasoning", "Spatial Reasoning", "Action Reasoning", "Object Reasoning", "Information Synopsis",
    ];

    public static Benchmark Benchmark { get; } = new(
        "Video-MME", "video-mme", $"test-00000-of-00001.parquet, or {FileName}", files => BenchmarkFile.Join(files.Select(file => Load(file.Text, file.Name))),
        [
            new(Protocol, MaxNewTokens, question => question.Prompt, By((answer, _) => Parse(answer)), Figures),
            new("Video-MME, lmms-eval videomme_w_subtitle (parser before 2026-04-11), unparsed counted as wrong", MaxNewTokens,
                question => SubtitledPrompt(question.Question, question.Choices!, question.Subtitles), By((answer, _) => Parse(answer)), Figures)
                { Subtitles = (srt, rate, total, _) => VideoMmeSubtitles.Shown(srt, rate, total) },
            new("Video-MME, lmms-eval videomme (shared extractor of 2026-04-11), no subtitles", MaxNewTokens, question => question.Prompt, By(SharedExtractor.Extract), Figures),
            new("Video-MME, official (eval_your_results.py), no subtitles, unparsed left out", MaxNewTokens,
                question => OfficialPrompt(question.Question, question.Choices!, null), ByOfficial, Figures),
            new("Video-MME, official (eval_your_results.py), with subtitles, unparsed left out", MaxNewTokens,
                question => OfficialPrompt(question.Question, question.Choices!, question.Subtitles), ByOfficial, Figures)
                { Subtitles = VideoMmeSubtitles.Shown },
        ]);

    /// <summary>
    /// Reads videos with their questions as the official template nests them (it has trailing commas, so they are allowed), or the rows of the parquet
    /// file, one a question.
    /// </summary>
    public static BenchmarkFile Load(string json, string file = FileName)
    {
        var problems = new List<string>();
        var questions = new List<BenchmarkQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var video in AnnotationRecords.List(json, file, problems, "video_id", new JsonDocumentOptions { AllowTrailingCommas = true }))
        {
            var (name, groups) = ReadVideo(video);
            var isSound = video.IsSound;
            foreach (var record in video.Has("question") ? [video] : video.Records("questions", "question", "question_id"))
            {
                var question = ReadQuestion(record, name, groups);
                record.Require(ids.Add(question.Id), "question_id", "stands in an earlier record too");
                if (isSound && record.IsSound)
                    questions.Add(question);
            }
        }
        return new BenchmarkFile(questions, problems);
    }

    /// <summary>Instruction, question, one line an option, an empty line, post-prompt.</summary>
    /// <param name="options">with their letters: "A. text"</param>
    public static string Prompt(string question, IReadOnlyList<string> options) => Prompt(question, options, PostPrompt);

    /// <param name="ending">the harness's post-prompt; for its model key `llava_vid` it is "The best answer is:"</param>
    public static string Prompt(string question, IReadOnlyList<string> options, string ending) => $"{Instruction}{question}\n{string.Join('\n', options)}\n{ending}";

    /// <summary>lmms-eval's prompt with subtitles: it has a blank behind the colon, and its own ending whatever the post-prompt.</summary>
    /// <param name="subtitles">one line a text; null = the video has no file of them</param>
    public static string SubtitledPrompt(string question, IReadOnlyList<string> options, string? subtitles) =>
        $"{Listed} \n{subtitles ?? VideoMmeSubtitles.None}\n{Prompt(question, options, EndPrompt)}";

    public static string OfficialPrompt(string question, IReadOnlyList<string> options, string? subtitles) =>
        (subtitles is null ? "" : $"{Listed}\n{subtitles}\n") + $"{OfficialInstruction}{question}\n{string.Join('\n', options)}\n{EndPrompt}";

    /// <summary>The first capital A-D after fixed phrases are removed, or null.</summary>
    public static string? Parse(string answer) => Parse(answer, Phrases);

    /// <summary>The same with the official list of phrases, which is longer.</summary>
    public static string? OfficialParse(string answer) => Parse(answer, OfficialPhrases);

    private static string? Parse(string answer, string[] phrases)
    {
        var text = phrases.Aggregate(answer.Trim(), (left, phrase) => left.Replace(phrase, "", StringComparison.Ordinal));
        var place = text.AsSpan().IndexOfAny(Letters);
        return place < 0 ? null : text[place].ToString();
    }

    private static Func<BenchmarkQuestion, string, Reading> By(Func<string, int, string?> parse) =>
        (question, answer) => Reading.Of(parse(answer, Letters.Length), question.Gold);

    private static Reading ByOfficial(BenchmarkQuestion question, string answer) =>
        OfficialParse(answer) is { } letter ? Reading.Of(letter, question.Gold) : Reading.Unparsed with { IsLeftOut = true };

    private static IReadOnlyList<ScoreFigure> Figures(IReadOnlyList<ScoredQuestion> scored) =>
        [new("accuracy", Tally.Pooled(scored)), .. Tally.By(scored, "duration").Select(group => new ScoreFigure($"accuracy, {group.Name}", group.Value))];

    private static (string Name, IReadOnlyList<QuestionGroup> Groups) ReadVideo(AnnotationRecord video)
    {
        var id = video.Text("video_id");
        var source = video.OptionalText("videoID");
        var (duration, domain, category) = (video.Text("duration"), video.Text("domain"), video.Text("sub_category"));
        video.Require(Durations.Contains(duration), "duration", $"is '{duration}', not short, medium or long");
        video.Require(Domains.Contains(domain), "domain", $"is '{domain}', which is none of the {Domains.Length}");
        video.Require(
            BlobPaths.IsSegment(source ?? id), source is null ? "video_id" : "videoID", $"'{source ?? id}' is no name (letters, digits, '-', '_', '.', '@')");
        return (source ?? id, [new("duration", duration), new("domain", domain), new("sub_category", category)]);
    }

    private static BenchmarkQuestion ReadQuestion(AnnotationRecord record, string video, IReadOnlyList<QuestionGroup> groups)
    {
        var (id, question) = (record.Text("question_id"), record.Text("question"));
        var options = record.Texts("options");
        var (answer, type) = (record.Text("answer"), record.Text("task_type"));
        record.Require(options.Count == Letters.Length, "options", $"has {options.Count} texts, not {Letters.Length}");
        record.Require(
            options.Zip(Letters).All(option => option.First.StartsWith($"{option.Second}. ", StringComparison.Ordinal)), "options",
            "must begin with 'A. ', 'B. ', 'C. ', 'D. ' in that order");
        record.Require(answer is [var letter] && Letters.Contains(letter), "answer", $"is '{answer}', not A, B, C or D");
        record.Require(TaskTypes.Contains(type), "task_type", $"is '{type}', which is none of the {TaskTypes.Length}");
        return new BenchmarkQuestion(
            id, video, $"{video}.mp4", question, Prompt(question, options), Letters.Length, answer, [.. groups, new("task_type", type)])
        {
            Choices = options,
        };
    }
}
