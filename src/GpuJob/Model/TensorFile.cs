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
        using var frozen = no_grad();
        foreach (Piece piece in Pieces(path, entry))
        {
            using var scope = NewDisposeScope();
            Tensor here = entry.Shape.Length == 0 ? target : target.narrow(0, piece.Row, piece.Rows);
            bool straight = target.dtype == type && target.is_cpu() && here.is_contiguous();
            Tensor stored = straight ? here : empty(here.shape, type);
            piece.CopyTo(stored);
            if (!straight)
                here.copy_(stored);
        }
    }

    /// <summary>
    /// One tensor as it is stored, by rows: each of the pieces is a tensor [rows, …] with the row it begins at, and is disposed of before the
    /// next is read, so that a tensor larger than memory can be worked through.
    /// </summary>
    public static IEnumerable<(long Row, Tensor Values)> ReadByRows(string path, SafetensorsEntry entry)
    {
        ScalarType type = TypeOf(path, entry);
        foreach (Piece piece in Pieces(path, entry))
        {
            using Tensor values = empty(entry.Shape is [] ? [] : [piece.Rows, .. entry.Shape[1..]], type);
            piece.CopyTo(values);
            yield return (piece.Row, values);
        }
    }

    /// <summary>Rows of a mapped file.</summary>
    private sealed record Piece(long Row, long Rows, MemoryMappedViewAccessor Mapped, long Bytes)
    {
        /// <summary>The accessor's own stream would copy by way of a managed buffer; this one copies from memory to memory.</summary>
        public void CopyTo(Tensor target)
        {
            using var view = new UnmanagedMemoryStream(Mapped.SafeMemoryMappedViewHandle, Mapped.PointerOffset, Bytes);
            target.ReadBytesFromStream(view, BufferBytes);
        }
    }

    private static IEnumerable<Piece> Pieces(string path, SafetensorsEntry entry)
    {
        if (entry.Length == 0)
            yield break;
        using var map = MemoryMappedFile.CreateFromFile(path, FileMode.Open, null, 0, MemoryMappedFileAccess.Read);
        long rows = entry.Shape is [var first, ..] ? first : 1;
        long rowBytes = entry.Length / rows;
        long step = Math.Max(1, PieceBytes / rowBytes);
        for (long row = 0; row < rows; row += step)
        {
            long count = Math.Min(step, rows - row);
            using MemoryMappedViewAccessor mapped = map.CreateViewAccessor(entry.Offset + row * rowBytes, count * rowBytes, MemoryMappedFileAccess.Read);
            yield return new Piece(row, count, mapped, count * rowBytes);
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
            file.Write(Header([.. names.Select(name => (name, DtypeName(type ?? tensors[name].dtype), tensors[name].shape))]));
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

    /// <summary>What stands before the data of tensors in this order: the length, and the JSON padded with spaces to a multiple of eight bytes.</summary>
    public static byte[] Header(IReadOnlyList<(string Name, string Dtype, long[] Shape)> tensors)
    {
        var header = new JsonObject { ["__metadata__"] = new JsonObject { ["format"] = "pt" } };
        long offset = 0;
        foreach ((string name, string dtype, long[] shape) in tensors)
        {
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
        byte[] whole = new byte[sizeof(long) + (json.Length + 7) / 8 * 8];
        Array.Fill(whole, (byte)' ');
        BinaryPrimitives.WriteInt64LittleEndian(whole, whole.Length - sizeof(long));
        json.CopyTo(whole, sizeof(long));
        return whole;
    }

    private static ScalarType TypeOf(string path, SafetensorsEntry entry) => Types.TryGetValue(entry.Dtype, out ScalarType type) ? type
        : throw new InvalidDataException($"Tensor '{entry.Name}' in '{path}' has the type {entry.Dtype}; readable: {string.Join(", ", Types.Keys)}.");

    private static string DtypeName(ScalarType type) => Types.FirstOrDefault(pair => pair.Value == type).Key
        ?? throw new NotSupportedException($"Tensors of type {type} are not written; writable: {string.Join(", ", Types.Values)}.");
}
