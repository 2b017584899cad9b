using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>Where every tensor that graphs may point to lies: file name inside the folder, type, shape, bytes.</summary>
public sealed class CheckpointWeights
{
    private readonly string _folder;
    private readonly IReadOnlyDictionary<string, StoredTensor> _tensors;

    private CheckpointWeights(string folder, IReadOnlyDictionary<string, StoredTensor> tensors) => (_folder, _tensors) = (folder, tensors);

    /// <summary>A model's own files, under the names that they have in their real folder.</summary>
    public static CheckpointWeights Open(string modelFolder, WeightPlace place) => new(
        modelFolder,
        WeightFiles.Tensors(modelFolder).ToDictionary(entry => entry.Key, entry => entry.Value with { File = place.LocationOf(entry.Value.File) }, StringComparer.Ordinal));

    /// <exception cref="InvalidDataException">the tensor is missing, or has another shape than config.json says</exception>
    public StoredTensor Find(string name, params long[] shape)
    {
        if (!_tensors.TryGetValue(name, out var found))
            throw new InvalidDataException($"'{_folder}' has no tensor '{name}', which its config.json asks for.");
        if (!found.Entry.Shape.SequenceEqual(shape))
            throw new InvalidDataException($"Tensor '{name}' has shape [{string.Join(", ", found.Entry.Shape)}]; config.json asks for [{string.Join(", ", shape)}].");
        return found;
    }
}
