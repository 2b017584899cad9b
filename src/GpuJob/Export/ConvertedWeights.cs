using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Export;

/// <summary>
/// The one safetensors file that is written beside graphs where the checkpoint's own would not do: the tensors that the graphs use, in the
/// serving type, with adapters worked in. Where each will lie is known before a byte is written; writing takes memory for one piece.
/// </summary>
public sealed class ConvertedWeights
{
    private const int BufferBytes = 1 << 20;
    private readonly IReadOnlyDictionary<string, StoredTensor> _sources;
    private readonly ScalarType _type;

    /// <param name="sources">the checkpoint's tensors that the graphs use, in the order in which they are written</param>
    public ConvertedWeights(IReadOnlyDictionary<string, StoredTensor> sources, ServingType type)
    {
        var dtype = type.ToString();
        _sources = sources;
        _type = type switch { ServingType.F16 => ScalarType.Float16, ServingType.BF16 => ScalarType.BFloat16, _ => ScalarType.Float32 };
        Header = TensorFile.Header([.. sources.Select(source => (source.Key, dtype, source.Value.Entry.Shape))]);
        var places = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        long offset = Header.Length;
        foreach (var (name, source) in sources)
        {
            var length = source.Entry.Shape.Aggregate(1L, (product, size) => product * size) * SafetensorsFile.ElementBytes(dtype)!.Value;
            places[name] = new StoredTensor(ServingManifest.ConvertedFile, source.Entry with { Dtype = dtype, Offset = offset, Length = length });
            offset += length;
        }
        (Places, Bytes) = (places, offset);
    }

    /// <summary>The beginning of the file; with the sources it decides every byte of the rest.</summary>
    public byte[] Header { get; }

    /// <summary>Where each tensor lies in the file.</summary>
    public IReadOnlyDictionary<string, StoredTensor> Places { get; }

    /// <summary>The file's size.</summary>
    public long Bytes { get; }

    /// <param name="free">bytes that the folder's disk has free</param>
    /// <exception cref="InvalidDataException">the file does not fit</exception>
    public void RefuseIfTooLarge(string folder, string modelFolder, long free)
    {
        if (free < Bytes)
            throw new InvalidDataException(
                $"The weights of '{modelFolder}' have to be converted for serving, which takes {Sizes.Of(Bytes)} beside the graphs; the disk of '{folder}' has {Sizes.Of(free)} free. "
                + "Make room, choose another disk with --out, or serve in a smaller type (--dtype).");
    }

    /// <exception cref="InvalidDataException">writing failed; the message says why</exception>
    public void Write(string path, string modelFolder, AdapterSet adapters)
    {
        try
        {
            using var frozen = no_grad();
            using var file = new FileStream(path, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes);
            file.Write(Header);
            foreach (var (name, source) in _sources)
                foreach (var (row, values) in TensorFile.ReadByRows(Path.Combine(modelFolder, source.File), source.Entry))
                {
                    using var scope = NewDisposeScope();
                    adapters.Merge(name, row, values).to_type(_type).contiguous().WriteBytesToStream(file, BufferBytes);
                }
        }
        catch (IOException e)
        {
            throw new InvalidDataException($"The weights converted for serving ({Sizes.Of(Bytes)}) could not be written to '{path}': {e.Message}", e);
        }
    }
}
