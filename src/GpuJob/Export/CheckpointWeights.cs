using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>Where every tensor of a checkpoint lies: file name inside the folder, type, shape, bytes.</summary>
public sealed class CheckpointWeights
{
    private readonly string _folder;
    private readonly Dictionary<string, (string File, SafetensorsEntry Entry)> _tensors = new(StringComparer.Ordinal);

    private CheckpointWeights(string folder) => _folder = folder;

    public static CheckpointWeights Open(string modelFolder)
    {
        var weights = new CheckpointWeights(modelFolder);
        foreach (var file in WeightFiles.List(modelFolder))
        {
            foreach (var entry in SafetensorsFile.ReadHeader(Path.Combine(modelFolder, file)).Values)
            {
                if (!weights._tensors.TryAdd(entry.Name, (file, entry)))
                    throw new InvalidDataException($"Tensor '{entry.Name}' is in two files of '{modelFolder}': {weights._tensors[entry.Name].File} and {file}.");
            }
        }
        return weights;
    }

    /// <exception cref="InvalidDataException">the tensor is missing, or has another shape than config.json says</exception>
    public (string File, SafetensorsEntry Entry) Find(string name, params long[] shape)
    {
        if (!_tensors.TryGetValue(name, out var found))
            throw new InvalidDataException($"'{_folder}' has no tensor '{name}', which its config.json asks for.");
        if (!found.Entry.Shape.SequenceEqual(shape))
            throw new InvalidDataException($"Tensor '{name}' has shape [{string.Join(", ", found.Entry.Shape)}]; config.json asks for [{string.Join(", ", shape)}].");
        return found;
    }
}
