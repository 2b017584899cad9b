using System.Text.Json.Nodes;
using Tpo.Shared.Media;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Models;

/// <summary>How a registered model's frames become pixels, without opening the model: plans and lineages name it before any model runs.</summary>
public static class ModelPreprocess
{
    /// <returns>`preprocess` of `models/{modelId}/config.json`; the published processors where the file does not say</returns>
    public static async Task<string> ReadAsync(TpoStorage storage, string modelId, CancellationToken cancellation) =>
        (string?)(await storage.TryReadJsonAsync<JsonObject>(Containers.Models, $"{modelId}/config.json", cancellation))?["preprocess"] ?? ImageRecipe.Reference;
}
