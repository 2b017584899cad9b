using System.Text.Json.Nodes;
using Parquet;
using Parquet.Schema;

namespace Tpo.Shared.Preferences.Exports;

/// <summary>
/// A flat table as Apache Parquet, which Hugging Face `datasets`, pandas, DuckDB and Spark read: the preference columns (`prompt`, `chosen`, `rejected`,
/// `answer`, `video`) and the lineage that one filters by. Compressed with Snappy, one row group.
/// </summary>
public static class ParquetFormat
{
    public static PairFormat Format { get; } = new("parquet", "Hugging Face datasets, pandas, DuckDB: a flat table", "pairs.parquet", Row);

    private static readonly string[] Texts =
        ["pair_id", "kind", "query_type", "video", "video_sha256", "prompt", "chosen", "rejected", "answer", "model_id", "model_revision", "judge_id"];
    private static readonly string[] Numbers = ["segment_start", "segment_end"];

    private static JsonObject Row(PreferencePair pair, string video) => new()
    {
        ["pair_id"] = pair.PairId,
        ["kind"] = pair.Kind.ToString().ToLowerInvariant(),
        ["query_type"] = pair.QueryType,
        ["video"] = video,
        ["video_sha256"] = pair.VideoId,
        ["segment_start"] = pair.Segment?.Start,
        ["segment_end"] = pair.Segment?.End,
        ["prompt"] = pair.Query,
        ["chosen"] = pair.Chosen,
        ["rejected"] = pair.Rejected,
        ["answer"] = pair.ReferenceAnswer,
        ["model_id"] = pair.ModelId,
        ["model_revision"] = pair.ModelRevision,
        ["judge_id"] = pair.Verdict.JudgeId,
    };

    /// <summary>The rows as one file: texts are never null, the segment's seconds are null for a comprehensive pair.</summary>
    public static async Task<byte[]> FileAsync(IReadOnlyList<JsonObject> rows, CancellationToken cancellation)
    {
        DataField[] texts = [.. Texts.Select(name => new DataField(name, typeof(string), isNullable: false))];
        DataField[] numbers = [.. Numbers.Select(name => new DataField(name, typeof(double), isNullable: true))];
        using var file = new MemoryStream();
        await using (var writer = await ParquetWriter.CreateAsync(new ParquetSchema([.. texts, .. numbers]), file, cancellationToken: cancellation))
        {
            using var group = writer.CreateRowGroup();
            foreach (var field in texts)
                await group.WriteAsync(field, [.. rows.Select(row => (string)row[field.Name]!)]);
            foreach (var field in numbers)
                await group.WriteAsync<double>(field, rows.Select(row => (double?)row[field.Name]).ToArray(), cancellationToken: cancellation);
            group.CompleteValidate();
        }
        return file.ToArray();
    }
}
