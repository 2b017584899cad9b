using System.Text.Json.Nodes;

namespace Tpo.Shared.Preferences.Exports;

/// <summary>
/// ms-swift's standard format (its "Custom dataset" page): `messages` ends with the chosen answer, `rejected_response` is the other one, `videos`
/// has the paths that `&lt;video&gt;` stands for.
/// </summary>
public static class SwiftFormat
{
    public static PairFormat Format { get; } = new("ms-swift", "ms-swift: messages with rejected_response", "pairs.jsonl", Row);

    private static JsonObject Row(PreferencePair pair, string video) => new()
    {
        ["messages"] = new JsonArray(
            Message("user", $"<video>{MediaMarks.Without(pair.Query)}"), Message("assistant", MediaMarks.Without(pair.Chosen))),
        ["rejected_response"] = MediaMarks.Without(pair.Rejected),
        ["videos"] = new JsonArray(video),
    };

    private static JsonObject Message(string role, string content) => new() { ["role"] = role, ["content"] = content };
}
