using System.Text.Json;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// NExT-GQA (arXiv 2309.01327; github.com/doc-doc/NExT-GQA, `datasets/nextgqa/`), its questions; the spans are <see cref="NextGqaSpans"/>, asking for them <see cref="NextGqaGrounding"/>. Its authors give no
/// prompt for a language model: this is VideoMind's (github.com/yeliudev/VideoMind). Nor do they give a rule for reading free text: this is
/// <see cref="SharedExtractor"/> over the letters offered. Sixteen new tokens, as other letter benchmarks have, are our choice. An answer without a letter is
/// unparsed, wrong, and counted.
/// </summary>
public static class NextGqa
{
    public const string FileName = "test.csv";
    public const string ValidationFileName = "val.csv";
    public const string Protocol = "NExT-GQA, VideoMind's prompt, lmms-eval's shared extractor (2026-04-11) over the offered letters, unparsed counted as wrong";
    public const int MaxNewTokens = 16;

    private const string Instruction = "\nPlease only give the best option.";

    private static readonly string[] OptionColumns = ["a0", "a1", "a2", "a3", "a4"];
    private static readonly string[] Columns = ["video_id", "question", "answer", "qid", "type", .. OptionColumns];
    private static readonly string[] Types = ["CW", "CH", "TN", "TC", "TP"];

    public static Benchmark Benchmark { get; } = new(
        "NExT-GQA", "next-gqa", "test.csv and gsub_test.json (or val.csv and gsub_val.json)", Load,
        [new(Protocol + "; " + NextGqaGrounding.Protocol, MaxNewTokens, question => question.Prompt, Read, NextGqaGrounding.Figures)]);

    /// <summary>Tables of questions, and files of spans, which add to each question a second one: when its answer is shown.</summary>
    public static BenchmarkFile Load(IReadOnlyList<AnnotationFile> files)
    {
        var tables = files.Where(file => file.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)).Select(file => Load(file.Text, file.Name)).ToList();
        var spans = files.Where(file => !file.Name.EndsWith(".csv", StringComparison.OrdinalIgnoreCase)).Select(file => NextGqaSpans.Load(file.Text, file.Name)).ToList();
        var choices = BenchmarkFile.Join(tables);
        return new BenchmarkFile(
            [.. choices.Questions, .. choices.Questions.Select(question => NextGqaGrounding.Of(question, spans)).OfType<BenchmarkQuestion>()],
            [.. choices.Problems, .. spans.SelectMany(file => file.Problems)]);
    }

    /// <summary>Reads `test.csv` or `val.csv` as its authors publish them. A question is called "{video_id}_{qid}", its video `{video_id}.mp4`.</summary>
    public static BenchmarkFile Load(string csv, string file = FileName)
    {
        var problems = new List<string>();
        var questions = new List<BenchmarkQuestion>();
        var ids = new HashSet<string>(StringComparer.Ordinal);
        foreach (var record in Records(csv, file, problems))
        {
            var question = Read(record);
            record.Require(ids.Add(question.Id), "qid", "stands in an earlier record of the video too");
            if (record.IsSound)
                questions.Add(question);
        }
        return new BenchmarkFile(questions, problems);
    }

    /// <summary>Question with a capital and a question mark, one line an option ("(A) Text"), instruction. Empty options are not offered.</summary>
    public static string Prompt(string question, IEnumerable<string> options) =>
        Capital(question) + (question.EndsWith('?') ? "" : "?") + "\nOptions:" + OptionLetters.Bracketed(Offered(options).Select(Capital)) + Instruction;

    /// <summary>The letter that an answer names, as "(C)", "C.", "C" and the other forms of <see cref="SharedExtractor"/>, or null.</summary>
    /// <param name="options">how many letters are offered, A onwards</param>
    public static string? Parse(string answer, int options) => SharedExtractor.Extract(answer, options);

    private static Reading Read(BenchmarkQuestion question, string answer) =>
        question.Task == NextGqaGrounding.Task ? NextGqaGrounding.Read(question, answer) : Reading.Of(Parse(answer, question.Options), question.Gold);

    private static IEnumerable<AnnotationRecord> Records(string csv, string file, List<string> problems)
    {
        List<(int Line, IReadOnlyList<string> Row)> rows;
        try
        {
            rows = [.. CsvRows.ReadWithLines(csv)];
        }
        catch (FormatException e)
        {
            problems.Add($"{file}: is no CSV: {e.Message}.");
            yield break;
        }
        var header = rows.FirstOrDefault().Row?.ToList() ?? [];
        if (Columns.Except(header).ToList() is { Count: > 0 } missing)
        {
            problems.Add($"{file}: its first line lacks the column{(missing.Count == 1 ? "" : "s")} {string.Join(", ", missing.Select(column => $"'{column}'"))}.");
            yield break;
        }
        foreach (var (index, (line, row)) in rows.Skip(1).Index())
            if (row.Count == header.Count)
                yield return new AnnotationRecord(file, index + 1, Fields(header, row), problems, _ => line, "key");
            else
                problems.Add($"{file}: record {index + 1} has {row.Count} fields, the first line has {header.Count} (line {line}).");
    }

    private static JsonElement Fields(List<string> header, IReadOnlyList<string> row)
    {
        var fields = Columns.ToDictionary(column => column, column => row[header.IndexOf(column)]);
        fields["key"] = $"{fields["video_id"]}_{fields["qid"]}";
        return JsonSerializer.SerializeToElement(fields);
    }

    private static BenchmarkQuestion Read(AnnotationRecord record)
    {
        var (video, question, type) = (record.Text("video_id"), record.Text("question"), record.Text("type"));
        var options = Offered(OptionColumns.Select(record.Text));
        var gold = options.IndexOf(record.Text("answer"));
        record.Require(BlobPaths.IsSegment(video), "video_id", $"'{video}' is no name (letters, digits, '-', '_', '.', '@')");
        record.Require(question.Length > 0, "question", "is empty");
        record.Require(Types.Contains(type), "type", $"is '{type}', which is none of {string.Join(", ", Types)}");
        record.Require(options.Count >= 2, OptionColumns[^1], $"and those before it offer {options.Count} options that are not empty, not 2 to 5");
        record.Require(gold >= 0, "answer", $"is '{record.Text("answer")}', which is none of the options");
        return new BenchmarkQuestion(
            record.Text("key"), video, $"{video}.mp4", question, Prompt(question, options), options.Count, OptionLetters.Of(gold),
            [new("type", type), new("merged_type", type == "TP" ? "TN" : type), new("summary", type.Length > 0 ? type[..1] : type)])
        {
            Choices = options,
        };
    }

    private static List<string> Offered(IEnumerable<string> options) => [.. options.Where(text => text.Length > 0)];

    private static string Capital(string text) => text.Length == 0 ? text : char.ToUpperInvariant(text[0]) + text[1..];
}
