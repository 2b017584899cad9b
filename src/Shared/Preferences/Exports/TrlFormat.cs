using System.Text.Json.Nodes;

namespace Tpo.Shared.Preferences.Exports;

/// <summary>
/// Hugging Face TRL, conversational preference format with explicit prompt (its "Dataset formats" page): `prompt`, `chosen`, `rejected` are lists of
/// messages whose content is a list of typed parts; the placeholder part stands for the entry of the media column.
/// </summary>
public static class TrlFormat
{
    public static PairFormat Format { get; } = new("trl", "TRL DPOTrainer: conversational preference with a videos column", "train.jsonl", Row);

    private static JsonObject Row(PreferencePair pair, string video) => new()
    {
        ["prompt"] = Messages("user", new JsonObject { ["type"] = "video" }, Text(pair.Query)),
        ["chosen"] = Messages("assistant", Text(pair.Chosen)),
        ["rejected"] = Messages("assistant", Text(pair.Rejected)),
        ["videos"] = new JsonArray(video),
        ["pair_id"] = pair.PairId,
    };

    private static JsonArray Messages(string role, params JsonNode[] content) =>
        [new JsonObject { ["role"] = role, ["content"] = new JsonArray(content) }];

    private static JsonObject Text(string text) => new() { ["type"] = "text", ["text"] = text };
}
