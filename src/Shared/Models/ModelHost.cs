using System.Text.RegularExpressions;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Models;

/// <summary>
/// The models of this process: each is fetched from storage once a revision, checked against its card's hash, and kept open.
/// One thread a model: the same answers on every machine, and the cores are for several videos at a time. A revision that another one of its
/// model has replaced is closed as soon as nobody uses it, so memory does not grow with every training.
/// </summary>
public sealed partial class ModelHost(TpoStorage storage, TpoSettings settings) : IDisposable
{
    private readonly OpenRevisions _open = new();

    /// <summary>Told of a model, by id and revision, and of what memory it will need, before it is opened.</summary>
    public Action<string, MemoryPlan>? Planned { get; init; }

    /// <summary>The newest revision of a registered model, open until the caller has disposed what it gets. A second caller waits for the first one's download.</summary>
    /// <exception cref="FileNotFoundException">the model is not registered, or was not exported for serving</exception>
    public async Task<ModelInUse> UseAsync(string modelId, CancellationToken cancellation = default)
    {
        if (!ModelIdPattern().IsMatch(modelId))
            throw new ArgumentException($"'{modelId}' is no model id: letters, digits, '.', '_' and '-', beginning with a letter or digit.", nameof(modelId));
        var card = await storage.TryReadJsonAsync<ModelCard>(Containers.Models, $"{modelId}/model.json", cancellation)
            ?? throw new FileNotFoundException($"The model '{modelId}' is not registered: '{Containers.Models}/{modelId}/model.json' does not exist.");
        if (!RevisionPattern().IsMatch(card.Revision))
            throw new InvalidDataException($"The card of model '{modelId}' has the revision '{card.Revision}', which is no SHA-256 in hex.");
        return await _open.UseAsync(modelId, card.Revision, () => Task.Run(() => OpenAsync(modelId, card.Revision)), cancellation);
    }

    private async Task<VideoLanguageModel> OpenAsync(string modelId, string revision)
    {
        var folder = Path.Combine(settings.WorkFolder, "models", modelId, revision);
        var options = new ServingOptions { Planned = plan => Planned?.Invoke($"{modelId}@{revision}", plan) };
        var kept = Directory.Exists(folder);
        if (!kept)
            await DownloadAsync(modelId, revision, folder);
        try
        {
            return VideoLanguageModel.Load(folder, modelId, options);
        }
        catch (StaleExportException) when (kept)
        {
            // An earlier build's copy. Storage may have this build's graphs by now; if not, that is what the caller is told.
            Directory.Delete(folder, recursive: true);
            await DownloadAsync(modelId, revision, folder);
            return VideoLanguageModel.Load(folder, modelId, options);
        }
    }

    /// <summary>Into a folder of its own first: the final name appears only when everything is there and its hash is right.</summary>
    private async Task DownloadAsync(string modelId, string revision, string folder)
    {
        var partial = $"{folder}.{Guid.NewGuid():N}.partial";
        try
        {
            await storage.DownloadFolderAsync(Containers.Models, $"{modelId}/", partial);
            foreach (var graph in OnnxGraphs.All)
            {
                if (!File.Exists(Path.Combine(partial, OnnxGraphs.Folder, graph)))
                    throw new FileNotFoundException($"The model '{modelId}' is not exported for serving: '{Containers.Models}/{modelId}/{OnnxGraphs.Folder}/{graph}' does not exist.");
            }
            var found = WeightFiles.Revision(partial);
            if (found != revision)
                throw new InvalidDataException($"The weights of model '{modelId}' hash to {found}, its card says {revision}: they are damaged or half written.");
            try
            {
                Directory.Move(partial, folder);
            }
            catch (IOException) when (Directory.Exists(folder))
            {
                // Another process on this machine was faster; its copy is as good.
            }
        }
        finally
        {
            if (Directory.Exists(partial))
                Directory.Delete(partial, recursive: true);
        }
    }

    /// <summary>Closes what nobody uses now, and the rest as its users are done.</summary>
    public void Dispose() => _open.Dispose();

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]*\z", RegexOptions.CultureInvariant)]
    private static partial Regex ModelIdPattern();

    [GeneratedRegex(@"^[0-9a-f]{64}\z", RegexOptions.CultureInvariant)]
    private static partial Regex RevisionPattern();
}
