using System.Runtime.InteropServices;
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
    private readonly IReadOnlyList<Part> _parts;

    /// <summary>One tensor of the file: which it is made of, and how f32 rows of that become its bytes; as they are in its type if null.</summary>
    private sealed record Part(string Name, string Dtype, long[] Shape, string Weight, StoredTensor Source, Func<float[], byte[]>? Round);

    /// <param name="sources">the checkpoint's tensors that the graphs use</param>
    /// <param name="rounded">those that they use in int8; some are in both</param>
    public ConvertedWeights(IReadOnlyDictionary<string, StoredTensor> sources, ServingType type, IReadOnlyDictionary<string, StoredTensor>? rounded = null)
    {
        _parts =
        [
            .. sources.Select(source => new Part(source.Key, type.ToString(), source.Value.Entry.Shape, source.Key, source.Value, null))
                .Concat((rounded ?? new Dictionary<string, StoredTensor>()).SelectMany(weight => Rounded(weight.Key, weight.Value)))
                .OrderBy(part => part.Name, StringComparer.Ordinal),
        ];
        Header = TensorFile.Header([.. _parts.Select(part => (part.Name, part.Dtype, part.Shape))]);
        var places = new Dictionary<string, StoredTensor>(StringComparer.Ordinal);
        long offset = Header.Length;
        foreach (var part in _parts)
        {
            var length = part.Shape.Aggregate(1L, (product, size) => product * size) * SafetensorsFile.ElementBytes(part.Dtype)!.Value;
            places[part.Name] = new StoredTensor(ServingManifest.ConvertedFile, new SafetensorsEntry(part.Name, part.Dtype, part.Shape, offset, length));
            offset += length;
        }
        (Places, Bytes) = (places, offset);
    }

    private static IEnumerable<Part> Rounded(string weight, StoredTensor source)
    {
        var (outSize, inSize) = (source.Entry.Shape[0], source.Entry.Shape[1]);
        yield return new Part(Int8Blocks.ValuesOf(weight), "U8", [outSize, inSize / Int8Blocks.Size, Int8Blocks.Size], weight, source, values => Int8Blocks.Values(values));
        yield return new Part(Int8Blocks.ScalesOf(weight), "F32", [outSize * inSize / Int8Blocks.Size], weight, source,
            values => MemoryMarshal.AsBytes<float>(Int8Blocks.Scales(values)).ToArray());
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
            foreach (var part in _parts)
                foreach (var (row, stored) in TensorFile.ReadByRows(Path.Combine(modelFolder, part.Source.File), part.Source.Entry))
                {
                    using var scope = NewDisposeScope();
                    var rows = adapters.Merge(part.Weight, row, stored);
                    if (part.Round is { } round)
                        file.Write(round(rows.to_type(ScalarType.Float32).contiguous().data<float>().ToArray()));
                    else
                        rows.to_type(TypeOf(part)).contiguous().WriteBytesToStream(file, BufferBytes);
                }
        }
        catch (IOException e)
        {
            throw new InvalidDataException($"The weights converted for serving ({Sizes.Of(Bytes)}) could not be written to '{path}': {e.Message}", e);
        }
    }

    private static ScalarType TypeOf(Part part) => part.Dtype switch { "F16" => ScalarType.Float16, "BF16" => ScalarType.BFloat16, _ => ScalarType.Float32 };
}
