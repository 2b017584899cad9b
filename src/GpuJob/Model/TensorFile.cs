using System.Buffers.Binary;
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

    /// <summary>Reads one tensor as it is stored (CPU).</summary>
    public static Tensor Read(string path, SafetensorsEntry entry)
    {
        ScalarType type = entry.Dtype switch
        {
            "F32" => ScalarType.Float32,
            "F16" => ScalarType.Float16,
            "BF16" => ScalarType.BFloat16,
            "F64" => ScalarType.Float64,
            "I64" => ScalarType.Int64,
            _ => throw new InvalidDataException($"Tensor '{entry.Name}' in '{path}' has type {entry.Dtype}; readable: F32, F16, BF16, F64, I64."),
        };
        Tensor values = empty(entry.Shape, type);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, BufferBytes);
        file.Position = entry.Offset;
        values.ReadBytesFromStream(file, BufferBytes);
        return values;
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

    private static string DtypeName(ScalarType type) => type switch
    {
        ScalarType.Float32 => "F32",
        ScalarType.Float16 => "F16",
        ScalarType.BFloat16 => "BF16",
        ScalarType.Float64 => "F64",
        ScalarType.Int64 => "I64",
        _ => throw new NotSupportedException($"Tensors of type {type} are not written; writable: Float32, Float16, BFloat16, Float64, Int64."),
    };
}
