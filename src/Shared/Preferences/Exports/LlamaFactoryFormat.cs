using System.Text.Json.Nodes;

namespace Tpo.Shared.Preferences.Exports;

/// <summary>
/// LLaMA-Factory, sharegpt preference format (its data README): `conversations` ends with the human's turn, `chosen` and `rejected` are one turn
/// each, `&lt;video&gt;` stands where the entry of `videos` goes. `dataset_info.json` declares the columns; the tool looks it up in its data folder.
/// </summary>
public static class LlamaFactoryFormat
{
    private const string Rows = "tpo_pairs.json";

    public static PairFormat Format { get; } = new("llama-factory", "LLaMA-Factory: sharegpt, ranking", Rows, Row)
    {
        Beside = new Dictionary<string, JsonObject>
        {
            ["dataset_info.json"] = new JsonObject
            {
                ["tpo_pairs"] = new JsonObject
                {
                    ["file_name"] = Rows, ["formatting"] = "sharegpt", ["ranking"] = true,
                    ["columns"] = new JsonObject { ["messages"] = "conversations", ["chosen"] = "chosen", ["rejected"] = "rejected", ["videos"] = "videos" },
                },
            },
        },
    };

    private static JsonObject Row(PreferencePair pair, string video) => new()
    {
        ["conversations"] = new JsonArray(Turn("human", $"<video>{MediaMarks.Without(pair.Query)}")),
        ["chosen"] = Turn("gpt", MediaMarks.Without(pair.Chosen)),
        ["rejected"] = Turn("gpt", MediaMarks.Without(pair.Rejected)),
        ["videos"] = new JsonArray(video),
    };

    private static JsonObject Turn(string from, string value) => new() { ["from"] = from, ["value"] = value };
}
