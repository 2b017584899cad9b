using Tpo.Shared.Models;
using Tpo.Shared.Storage;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Integration.Benchmarks;

/// <summary>Registered models of random weights: what they say is worth nothing, how it is asked and counted is.</summary>
internal static class RandomModels
{
    public static async Task RegisterAsync(TpoStorage storage, string model, int seed)
    {
        using var checkpoint = new RandomCheckpoint(seed);
        foreach (var file in Directory.GetFiles(checkpoint.Folder, "*", SearchOption.AllDirectories))
            await storage.UploadFileAsync(Containers.Models, $"{model}/{Path.GetRelativePath(checkpoint.Folder, file)}", file);
        var card = new ModelCard { ModelId = model, Revision = WeightFiles.Revision(checkpoint.Folder), Note = "Random weights." };
        await storage.WriteJsonAsync(Containers.Models, $"{model}/model.json", card);
        await new Catalog(storage).PutAsync(Catalog.Models, model, card);
    }
}
