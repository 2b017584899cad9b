using System.Text;
using System.Text.Json.Nodes;

namespace Tpo.Shared.Preferences.Exports;

/// <summary>
/// A form in which a training tool reads preference pairs: one JSON object a pair. Every form shows the whole video and keeps both answers as they
/// are; what a tool does not read (spans, verdicts, lineage) stays in `pairs.jsonl`, which each row names by the pair's id where the tool ignores more columns.
/// </summary>
/// <param name="Id">its name in the API and in blob paths</param>
/// <param name="Tool">who reads it, and where its documentation says so</param>
/// <param name="FileName">the file of rows; `.jsonl` = a row a line, `.json` = one array, `.parquet` = a table</param>
public sealed record PairFormat(string Id, string Tool, string FileName, Func<PreferencePair, string, JsonObject> Row)
{
    /// <summary>Files that the tool needs beside the rows.</summary>
    public IReadOnlyDictionary<string, JsonObject> Beside { get; init; } = new Dictionary<string, JsonObject>();

    public static IReadOnlyList<PairFormat> All { get; } = [TrlFormat.Format, LlamaFactoryFormat.Format, SwiftFormat.Format, LongVaFormat.Format, ParquetFormat.Format];

    public static PairFormat? Find(string id) => All.FirstOrDefault(format => format.Id == id);

    /// <summary>The file of rows.</summary>
    /// <param name="video">where the tool finds a pair's video</param>
    public async Task<byte[]> FileAsync(IEnumerable<PreferencePair> pairs, Func<PreferencePair, string> video, CancellationToken cancellation)
    {
        JsonObject[] rows = [.. pairs.Select(pair => Row(pair, video(pair)))];
        var lines = rows.Select(row => row.ToJsonString(TpoJson.Options));
        return Path.GetExtension(FileName) switch
        {
            ".parquet" => await ParquetFormat.FileAsync(rows, cancellation),
            ".jsonl" => Encoding.UTF8.GetBytes(string.Concat(lines.Select(line => line + "\n"))),
            _ => Encoding.UTF8.GetBytes($"[\n{string.Join(",\n", lines)}\n]\n"),
        };
    }
}
