using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>Where every tensor that graphs may point to lies: file name inside the folder, type, shape, bytes. It remembers which ones were asked for.</summary>
public sealed class CheckpointWeights(string folder, IReadOnlyDictionary<string, StoredTensor> tensors)
{
    private readonly SortedDictionary<string, StoredTensor> _used = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, StoredTensor> _rounded = new(StringComparer.Ordinal);

    /// <summary>What graphs have pointed to so far, in ordinal order of names.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Used => _used;

    /// <summary>What graphs want in int8.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Rounded => _rounded;

    /// <exception cref="InvalidDataException">the tensor is missing, has another shape than config.json says, or holds no floating-point numbers</exception>
    public StoredTensor Find(string name, params long[] shape) => _used[name] = Checked(name, shape);

    /// <summary>A linear layer's weight [out, in] in <see cref="Int8Blocks"/>; while it is still to be rounded, both are the weight itself.</summary>
    public (StoredTensor Values, StoredTensor Scales) FindRounded(string name, long outSize, long inSize)
    {
        if (tensors.TryGetValue(Int8Blocks.ValuesOf(name), out var values))
            return (values, tensors[Int8Blocks.ScalesOf(name)]);
        var weight = _rounded[name] = Checked(name, outSize, inSize);
        return (weight, weight);
    }

    private StoredTensor Checked(string name, params long[] shape)
    {
        if (!tensors.TryGetValue(name, out var found))
            throw new InvalidDataException($"'{folder}' has no tensor '{name}', which its config.json asks for.");
        if (!found.Entry.Shape.SequenceEqual(shape))
            throw new InvalidDataException($"Tensor '{name}' has shape [{string.Join(", ", found.Entry.Shape)}]; config.json asks for [{string.Join(", ", shape)}].");
        if (found.Entry.Dtype is not ("F32" or "F16" or "BF16" or "F64"))
            throw new InvalidDataException($"Tensor '{name}' is stored as {found.Entry.Dtype}; weights in F32, F16, BF16 and F64 can be exported.");
        return found;
    }
}
