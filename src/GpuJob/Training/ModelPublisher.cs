using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>
/// Takes the base model out of storage and puts the tuned one in: weights first, the card that makes it a model, then the run's result. A trained
/// adapter is worked into the weights, and lies beside them as PEFT reads it.
/// </summary>
public sealed class ModelPublisher(TpoStorage storage, string runId, TrainingRequest request)
{
    private const string CardFile = "model.json", AdapterFolderName = "adapter";
    private string ModelId => RoundNames.Model(request.BaseModel, runId);

    /// <summary>Downloads the base model without its ONNX graphs; returns the folder.</summary>
    public async Task<string> DownloadBaseAsync(string folder, CancellationToken cancellation)
    {
        string prefix = $"{request.BaseModel}/";
        int files = await storage.DownloadFolderAsync(
            Containers.Models, prefix, folder, takes: name => !name.StartsWith($"{prefix}onnx/", StringComparison.Ordinal), cancellation);
        if (files == 0)
            throw new FileNotFoundException($"There is no model '{request.BaseModel}' in storage: nothing lies under models/{prefix}.");
        return folder;
    }

    /// <summary>
    /// Saves in f32 whatever the base was stored in: a step of a small learning rate changes less than the last bit of a 16-bit weight,
    /// so a 16-bit file would lose much of what was learnt.
    /// </summary>
    public async Task PublishAsync(
        LlavaQwenForCausalLM model, LoraAdapter? adapter, PreferenceTrainer trainer, string baseFolder, string folder, TrainingData data, IReadOnlyList<TrainingMetrics> metrics, string? stoppedEarly,
        CancellationToken cancellation)
    {
        if (request.ComputeType == ComputeType.Float32)
            Save(model, adapter, baseFolder, folder);
        else
            SaveWhole(trainer, baseFolder, folder);
        foreach (string file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).Order(StringComparer.Ordinal))
            await storage.UploadFileAsync(Containers.Models, $"{ModelId}/{Path.GetRelativePath(folder, file)}", file, cancellation);
        string revision = WeightFiles.Revision(folder);
        await storage.WriteJsonAsync(Containers.Models, $"{ModelId}/{CardFile}", new ModelCard
        {
            ModelId = ModelId,
            Revision = revision,
            BaseModel = request.BaseModel,
            TrainingRun = runId,
            Dataset = request.Dataset,
            Note = $"{metrics.Count} steps of preference training over {(adapter is null ? "the projector and the language model" : $"an adapter of rank {request.LoraRank} on the language model, worked in")}; weights are float32, as they were trained.",
            CreatedAt = DateTimeOffset.UtcNow,
        }, cancellation);
        await storage.WriteJsonAsync(Containers.Training, TrainingBlobs.Result(runId), new TrainingResult(
            runId, ModelId, request.BaseModel, request.Dataset, data.PairCount, metrics.Count, metrics[0].DpoLoss, metrics[^1].DpoLoss,
            data.BaseRevision, revision, metrics.Sum(row => row.Seconds))
        {
            Skipped = data.Skipped, StoppedEarly = stoppedEarly,
        }, cancellation);
    }

    private void Save(LlavaQwenForCausalLM model, LoraAdapter? adapter, string baseFolder, string folder)
    {
        if (adapter is not null)
        {
            Save(adapter, Path.Combine(folder, AdapterFolderName));
            adapter.Merge();
        }
        Checkpoint.Save(model, folder, companionsFrom: baseFolder);
    }

    /// <summary>What was trained in f32, put on the base's own weights, which the computing model had rounded.</summary>
    private void SaveWhole(PreferenceTrainer trainer, string baseFolder, string folder)
    {
        using LlavaQwenForCausalLM whole = Checkpoint.Load(baseFolder);
        using LoraAdapter? adapter = request.LoraRank > 0 ? new LoraAdapter(whole, request.LoraRank, request.AdapterAlpha) : null;
        var parameters = whole.named_parameters().Concat(adapter?.Parameters() ?? []).ToDictionary(entry => entry.Item1, entry => entry.Item2, StringComparer.Ordinal);
        using (no_grad())
            foreach ((string name, Parameter trained) in trainer.Trained)
                parameters[name].copy_(trained);
        Save(whole, adapter, baseFolder, folder);
    }

    private void Save(LoraAdapter adapter, string folder)
    {
        Directory.CreateDirectory(folder);
        adapter.Save(Path.Combine(folder, Export.AdapterFolder.WeightsFile));
        Export.AdapterConfig.Write(folder, request.LoraRank, request.AdapterAlpha, adapter.Layers, request.BaseModel);
    }
}
