using System.Text.Json.Nodes;

namespace Tpo.Shared.Preferences.Exports;

/// <summary>
/// The trainer of LongVA and LLaVA-NeXT (`train_dpo.py`): flat rows with `prompt`, `chosen`, `rejected`, `answer` (its length sampler reads it) and `video`.
/// The trainer itself puts the image mark in front of the prompt.
/// </summary>
public static class LongVaFormat
{
    public static PairFormat Format { get; } = new("longva", "LongVA and LLaVA-NeXT: train_dpo.py", "pairs.json", Row);

    private static JsonObject Row(PreferencePair pair, string video) => new()
    {
        ["id"] = pair.PairId,
        ["video"] = video,
        ["prompt"] = MediaMarks.Without(pair.Query),
        ["chosen"] = MediaMarks.Without(pair.Chosen),
        ["rejected"] = MediaMarks.Without(pair.Rejected),
        ["answer"] = MediaMarks.Without(pair.ReferenceAnswer),
    };
}
