using Tpo.GpuJob.Model;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>The blob that makes a checkpoint valid: written last, after all the files it names.</summary>
/// <param name="NextStep">the step that is done next</param>
public sealed record CheckpointPointer(int NextStep, string Weights, string Optimizer);

/// <summary>
/// Saves and restores everything a step depends on: the trained weights in f32 and the optimiser's moments (the pair order and the rate
/// follow from the step). Files first, the pointer last, older files after that: whenever the job dies, the pointer names a whole checkpoint.
/// </summary>
public sealed class TrainingCheckpoints(TpoStorage storage, string runId, string scratchFolder)
{
    private const string PointerFile = "newest.json";

    public Task<CheckpointPointer?> FindNewestAsync(CancellationToken cancellation) =>
        storage.TryReadJsonAsync<CheckpointPointer>(Containers.Training, Name(PointerFile), cancellation);

    public async Task<CheckpointPointer> SaveAsync(int nextStep, PreferenceTrainer trainer, CancellationToken cancellation)
    {
        var pointer = new CheckpointPointer(nextStep, $"weights-{nextStep:D6}.safetensors", $"optimizer-{nextStep:D6}.bin");
        string weights = Path.Combine(scratchFolder, pointer.Weights);
        string state = Path.Combine(scratchFolder, pointer.Optimizer);
        Directory.CreateDirectory(scratchFolder);
        TensorFile.Write(weights, trainer.Trained.ToDictionary(entry => entry.Name, entry => (Tensor)entry.Parameter));
        trainer.Optimizer.save_state_dict(state);
        await storage.UploadFileAsync(Containers.Training, Name(pointer.Weights), weights, cancellation);
        await storage.UploadFileAsync(Containers.Training, Name(pointer.Optimizer), state, cancellation);
        await storage.WriteJsonAsync(Containers.Training, Name(PointerFile), pointer, cancellation);
        File.Delete(weights);
        File.Delete(state);
        await DeleteOthersAsync(pointer, cancellation);
        return pointer;
    }

    public async Task RestoreAsync(CheckpointPointer pointer, PreferenceTrainer trainer, CancellationToken cancellation)
    {
        string weights = Path.Combine(scratchFolder, pointer.Weights);
        string state = Path.Combine(scratchFolder, pointer.Optimizer);
        await storage.DownloadAsync(Containers.Training, Name(pointer.Weights), weights, cancellation);
        await storage.DownloadAsync(Containers.Training, Name(pointer.Optimizer), state, cancellation);
        RestoreWeights(weights, trainer);
        trainer.Optimizer.load_state_dict(state);
        File.Delete(weights);
        File.Delete(state);
    }

    private static void RestoreWeights(string path, PreferenceTrainer trainer)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        IReadOnlyDictionary<string, Tensor> saved = TensorFile.ReadAll(path);
        foreach ((string name, Parameter parameter) in trainer.Trained)
            parameter.copy_(saved[name]);
        trainer.TakeUp();
    }

    private async Task DeleteOthersAsync(CheckpointPointer newest, CancellationToken cancellation)
    {
        foreach (string name in await storage.ListAsync(Containers.Training, Name(""), cancellation))
            if (IsStateFile(name) && name != Name(newest.Weights) && name != Name(newest.Optimizer))
                await storage.Container(Containers.Training).DeleteBlobIfExistsAsync(name, cancellationToken: cancellation);
    }

    private static bool IsStateFile(string name) => name.Contains("/weights-", StringComparison.Ordinal) || name.Contains("/optimizer-", StringComparison.Ordinal);

    private string Name(string file) => TrainingBlobs.Checkpoint(runId, file);
}
