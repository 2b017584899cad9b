using System.CommandLine;
using Spectre.Console;
using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Tpo.Cli.Verbs;

/// <summary>`seed`: puts the shipped small model and its ONNX graphs into the `models` container. Done already = nothing to do.</summary>
internal static class SeedVerb
{
    public static Command Create()
    {
        var command = new Command("seed", "Put the shipped model into storage (./tpo up does it).");
        command.SetAction((_, cancellation) => RunAsync(cancellation));
        return command;
    }

    private static async Task<int> RunAsync(CancellationToken cancellation)
    {
        var card = JsonSerializer.Deserialize<ModelCard>(await File.ReadAllTextAsync(Path.Combine(ShippedModel.Folder, "model.json"), cancellation), TpoJson.Options)!;
        var storage = Surroundings.Storage();
        var catalog = new Catalog(storage);
        await storage.EnsureContainersAsync(cancellation);
        var graphs = await storage.TryReadJsonAsync<JsonObject>(Containers.Models, $"{card.ModelId}/{OnnxGraphs.Folder}/{ServingManifest.FileName}", cancellation);
        if ((int?)graphs?["format"] == ServingManifest.CurrentFormat
            && (await catalog.FindAsync<ModelCard>(Catalog.Models, card.ModelId, cancellation))?.Revision == card.Revision)
            return 0;

        var folder = await ShippedModel.ExportedCopyAsync("seed", cancellation);

        // The card goes last: a model whose card is there is whole.
        var files = Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).OrderBy(path => Path.GetFileName(path) == "model.json");
        foreach (var file in files)
            await storage.UploadFileAsync(Containers.Models, $"{card.ModelId}/{Path.GetRelativePath(folder, file)}", file, cancellation);
        await catalog.PutAsync(Catalog.Models, card.ModelId, card, cancellation);
        AnsiConsole.MarkupLineInterpolated($"seeded the model {card.ModelId} (revision {card.Revision[..12]})");
        return 0;
    }
}
