using System.Text;
using System.Text.Json;
using Parquet;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Exports;

namespace Tpo.Tests.Unit.Preferences;

/// <summary>Exported pairs have the columns that each training tool's documentation names, one video a row, and nothing that asks for a second one.</summary>
public sealed class PairFormatTests
{
    private static readonly PreferencePair[] Pairs =
    [
        Made.Pair(PairKind.Localized, 1) with { Query = "What does the <video> show?", Chosen = "A sign: <IMAGE>.", Rejected = "Ein „Schild“,\nsonst nichts.", ReferenceAnswer = "A sign." },
        Made.Pair(PairKind.Comprehensive, 2),
    ];

    private static async Task<JsonElement[]> RowsAsync(string id)
    {
        var format = PairFormat.Find(id)!;
        var text = Encoding.UTF8.GetString(await FileAsync(format));
        var rows = format.FileName.EndsWith(".jsonl", StringComparison.Ordinal)
            ? [.. text.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonSerializer.Deserialize<JsonElement>(line))]
            : JsonSerializer.Deserialize<JsonElement[]>(text)!;
        Assert.Equal(Pairs.Length, rows.Length);
        return rows;
    }

    private static Task<byte[]> FileAsync(PairFormat format) => format.FileAsync(Pairs, pair => $"/data/{pair.VideoBlob}", CancellationToken.None);

    private static string[] Columns(JsonElement row) => [.. row.EnumerateObject().Select(column => column.Name)];

    [Fact]
    public async Task Trl_reads_lists_of_messages_whose_placeholders_are_as_many_as_its_videos()
    {
        foreach (var row in await RowsAsync("trl"))
        {
            Assert.Equal(["prompt", "chosen", "rejected", "videos", "pair_id"], Columns(row));
            foreach (var (column, role) in new[] { ("prompt", "user"), ("chosen", "assistant"), ("rejected", "assistant") })
                Assert.Equal(role, Assert.Single(row.GetProperty(column).EnumerateArray()).GetProperty("role").GetString());
            Assert.Equal(["video", "text"], row.GetProperty("prompt")[0].GetProperty("content").EnumerateArray().Select(part => part.GetProperty("type").GetString()));
            Assert.Equal("/data/a.mp4", Assert.Single(row.GetProperty("videos").EnumerateArray()).GetString());
        }
    }

    [Fact]
    public async Task LlamaFactory_reads_turns_and_finds_its_columns_declared()
    {
        var row = (await RowsAsync("llama-factory"))[0];
        Assert.Equal(["conversations", "chosen", "rejected", "videos"], Columns(row));
        var turn = Assert.Single(row.GetProperty("conversations").EnumerateArray());
        Assert.Equal(("human", "<video>What does the  video  show?"), (turn.GetProperty("from").GetString(), turn.GetProperty("value").GetString()));
        Assert.Equal(("gpt", "A sign:  IMAGE ."), (row.GetProperty("chosen").GetProperty("from").GetString(), row.GetProperty("chosen").GetProperty("value").GetString()));
        var declared = PairFormat.Find("llama-factory")!.Beside["dataset_info.json"]["tpo_pairs"]!;
        Assert.Equal(("tpo_pairs.json", "sharegpt", true), ((string?)declared["file_name"], (string?)declared["formatting"], (bool)declared["ranking"]!));
        Assert.Subset(Columns(row).ToHashSet(), declared["columns"]!.AsObject().Select(column => (string?)column.Value).ToHashSet()!);
    }

    [Fact]
    public async Task Swift_reads_messages_that_end_with_the_chosen_answer_and_the_other_beside()
    {
        var row = (await RowsAsync("ms-swift"))[0];
        Assert.Equal(["messages", "rejected_response", "videos"], Columns(row));
        Assert.Equal(["user", "assistant"], row.GetProperty("messages").EnumerateArray().Select(message => message.GetProperty("role").GetString()));
        Assert.Equal("Ein „Schild“,\nsonst nichts.", row.GetProperty("rejected_response").GetString());
    }

    [Fact]
    public async Task LongVa_reads_flat_rows_with_the_reference_answer()
    {
        var row = (await RowsAsync("longva"))[0];
        Assert.Equal(["id", "video", "prompt", "chosen", "rejected", "answer"], Columns(row));
        Assert.Equal("A sign.", row.GetProperty("answer").GetString());
    }

    [Theory]
    [InlineData("llama-factory")]
    [InlineData("ms-swift")]
    public async Task A_row_asks_for_as_many_videos_as_it_has(string id)
    {
        foreach (var row in await RowsAsync(id))
            Assert.Equal(row.GetProperty("videos").GetArrayLength(), row.GetRawText().Split("<video>").Length - 1 + row.GetRawText().Split("\\u003Cvideo").Length - 1);
    }

    [Fact]
    public async Task Parquet_is_a_flat_table_with_the_preference_columns_and_the_lineage_that_one_filters_by()
    {
        using var file = new MemoryStream(await FileAsync(PairFormat.Find("parquet")!));
        await using var reader = await ParquetReader.CreateAsync(file);
        using var group = reader.OpenRowGroupReader(0);
        var fields = reader.Schema.GetDataFields().ToDictionary(field => field.Name);
        Assert.Superset(new HashSet<string> { "prompt", "chosen", "rejected", "answer", "video", "video_sha256", "pair_id", "kind" }, fields.Keys.ToHashSet());

        async Task<string?[]> Texts(string column)
        {
            var values = new string?[Pairs.Length];
            await group.ReadAsync(fields[column], values.AsMemory());
            return values;
        }
        Assert.Equal(Pairs.Select(pair => pair.Query), await Texts("prompt"));
        Assert.Equal(Pairs.Select(pair => pair.Rejected), await Texts("rejected"));
        Assert.Equal<IEnumerable<string?>>(["localized", "comprehensive"], await Texts("kind"));
        var starts = new double?[Pairs.Length];
        await group.ReadAsync<double>(fields["segment_start"], starts.AsMemory());
        Assert.Equal(Pairs.Select(pair => pair.Segment?.Start), starts);
    }
}
