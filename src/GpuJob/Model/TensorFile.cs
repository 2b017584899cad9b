using System.Buffers.Binary;
using System.IO.MemoryMappedFiles;
using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>Tensors in and out of safetensors files. Writing is deterministic: ordinal order of names, the same bytes for the same values.</summary>
public static class TensorFile
{
    private const int BufferBytes = 1 << 20;
    /// <summary>How much of a file is mapped at once; a longer row is mapped whole.</summary>
    private const long PieceBytes = 32 << 20;

    /// <summary>Element types that files and tensors share; the format also has unsigned ones that libtorch lacks.</summary>
    private static readonly Dictionary<string, ScalarType> Types = new()
    {
        ["F32"] = ScalarType.Float32, ["F16"] = ScalarType.Float16, ["BF16"] = ScalarType.BFloat16, ["F64"] = ScalarType.Float64, ["I64"] = ScalarType.Int64,
        ["I32"] = ScalarType.Int32, ["I16"] = ScalarType.Int16, ["I8"] = ScalarType.Int8, ["U8"] = ScalarType.Byte, ["BOOL"] = ScalarType.Bool,
    };

    /// <summary>Reads one tensor as it is stored (CPU).</summary>
    public static Tensor Read(string path, SafetensorsEntry entry)
    {
        Tensor values = empty(entry.Shape, TypeOf(path, entry));
        ReadInto(values, path, entry);
        return values;
    }

    /// <summary>
    /// Fills a tensor of the entry's shape, casting to its type. The file is mapped and goes piece by piece straight into the tensor's memory:
    /// besides the tensor there is never more than one piece, and nothing on the managed heap.
    /// </summary>
    public static void ReadInto(Tensor target, string path, SafetensorsEntry entry)
    {
        if (!target.shape.SequenceEqual(entry.Shape))
            throw new ArgumentException($"Tensor '{entry.Name}' in '{path}' is [{string.Join(", ", entry.Shape)}], its target [{string.Join(", ", target.shape)}].", nameof(target));
        ScalarType type = TypeOf(path, entry);
        if (entry.Length == 0)
            return;
        using var frozen = no_grad();
        using var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        long rows = entry.Shape is [var first, ..] ? first : 1;
        long rowBytes = entry.Length / rows;
        long step = Math.Max(1, PieceBytes / rowBytes);
        for (long row = 0; row < rows; row += step)
        {
            using var scope = NewDisposeScope();
            long count = Math.Min(step, rows - row);
            Tensor piece = entry.Shape.Length == 0 ? target : target.narrow(0, row, count);
            using MemoryMappedViewAccessor mapped = map.CreateViewAccessor(entry.Offset + row * rowBytes, count * rowBytes, MemoryMappedFileAccess.Read);
            // The accessor's own stream would copy by way of a managed buffer; this one copies from memory to memory.
            using var view = new UnmanagedMemoryStream(mapped.SafeMemoryMappedViewHandle, mapped.PointerOffset, count * rowBytes);
            bool straight = target.dtype == type && target.is_cpu() && piece.is_contiguous();
            Tensor stored = straight ? piece : empty(piece.shape, type);
            stored.ReadBytesFromStream(view, BufferBytes);
            if (!straight)
                piece.copy_(stored);
        }
    }

    /// <summary>Every tensor of a file, by name.</summary>
    public static IReadOnlyDictionary<string, Tensor> ReadAll(string path) =>
        SafetensorsFile.ReadHeader(path).Values.ToDictionary(entry => entry.Name, entry => Read(path, entry), StringComparer.Ordinal);

    /// <summary>Writes tensors as they are, or cast to a type, through a temporary name, so that a killed save never leaves half a file.</summary>
    public static void Write(string path, IReadOnlyDictionary<string, Tensor> tensors, ScalarType? type = null)
    {
        string partial = path + ".partial";
        string[] names = [.. tensors.Keys.Order(StringComparer.Ordinal)];
        using (var file = new FileStream(partial, FileMode.Create, FileAccess.Write, FileShare.None, BufferBytes))
        {
            byte[] header = Header(names, tensors, type);
            Span<byte> length = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64LittleEndian(length, (ulong)header.Length);
            file.Write(length);
            file.Write(header);
            foreach (string name in names)
                WriteOne(file, tensors[name], type ?? tensors[name].dtype);
        }
        File.Move(partial, path, overwrite: true);
    }

    private static void WriteOne(Stream file, Tensor values, ScalarType type)
    {
        using var scope = NewDisposeScope();
        values.detach().cpu().to_type(type).contiguous().WriteBytesToStream(file, BufferBytes);
    }

    /// <summary>The JSON header, padded with spaces to a multiple of eight bytes.</summary>
    private static byte[] Header(string[] names, IReadOnlyDictionary<string, Tensor> tensors, ScalarType? type)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach (string name in names)
        {
            string dtype = DtypeName(type ?? tensors[name].dtype);
            long[] shape = tensors[name].shape;
            long end = offset + shape.Aggregate(1L, (product, size) => product * size) * SafetensorsFile.ElementBytes(dtype)!.Value;
            header[name] = new JsonObject
            {
                ["dtype"] = dtype,
                ["shape"] = new JsonArray([.. shape.Select(size => (JsonNode)JsonValue.Create(size))]),
                ["data_offsets"] = new JsonArray(JsonValue.Create(offset), JsonValue.Create(end)),
            };
            offset = end;
        }
        byte[] json = JsonSerializer.SerializeToUtf8Bytes(header);
        byte[] padded = new byte[(json.Length + 7) / 8 * 8];
        Array.Fill(padded, (byte)' ');
        json.CopyTo(padded, 0);
        return padded;
    }

    private static ScalarType TypeOf(string path, SafetensorsEntry entry) => Types.TryGetValue(entry.Dtype, out ScalarType type) ? type
        : throw new InvalidDataException($"Tensor '{entry.Name}' in '{path}' has the type {entry.Dtype}; readable: {string.Join(", ", Types.Keys)}.");

    private static string DtypeName(ScalarType type) => Types.FirstOrDefault(pair => pair.Value == type).Key
        ?? throw new NotSupportedException($"Tensors of type {type} are not written; writable: {string.Join(", ", Types.Values)}.");
}
