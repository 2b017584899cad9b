using System.Text.Json.Nodes;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Models;

/// <summary>Whether a registered model has the shape of a published one, so that a report can show the published figures beside its own.</summary>
public static class ModelFamily
{
    public const string LongVa = "LongVA", LlavaVideo = "LLaVA-Video";

    /// <returns>the family by `models/{modelId}/config.json`, else by the names that the card gives; null where neither says</returns>
    public static async Task<string?> ReadAsync(TpoStorage storage, string modelId, ModelCard? card, CancellationToken cancellation) =>
        Of(await storage.TryReadJsonAsync<JsonObject>(Containers.Models, $"{modelId}/config.json", cancellation), modelId, card);

    /// <summary>
    /// Qwen2-7B (hidden size 3584, 28 layers) behind CLIP is LongVA, behind SigLIP LLaVA-Video: a smaller model of the same build is neither. A config of
    /// other sizes has no published figures, whatever its name.
    /// </summary>
    public static string? Of(JsonObject? config, string modelId, ModelCard? card)
    {
        if (config?["hidden_size"] is not null)
            return Number(config, "hidden_size") == 3584 && Number(config, "num_hidden_layers") == 28 ? ByTower((string?)config["mm_vision_tower"] ?? "") : null;
        var names = $"{modelId} {card?.BaseModel}";
        return names.Contains("longva", StringComparison.OrdinalIgnoreCase) ? LongVa
            : names.Contains("llava-video", StringComparison.OrdinalIgnoreCase) ? LlavaVideo
            : null;
    }

    private static string? ByTower(string tower) =>
        tower.Contains("clip-vit-large-patch14-336", StringComparison.Ordinal) ? LongVa
        : tower.Contains("siglip-so400m-patch14-384", StringComparison.Ordinal) ? LlavaVideo
        : null;

    private static int Number(JsonObject config, string key) => config[key] is JsonValue value && value.TryGetValue(out int number) ? number : 0;
}
