using System.Buffers.Binary;
using System.Text.Json;

namespace Tpo.Shared.Models;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Dtype">the format's name of the element type: F32, F16, BF16, I64, …</param>
/// <param name="Shape">sizes, row-major; empty for a scalar</param>
/// <param name="Offset">first byte, counted from the beginning of the file</param>
/// <param name="Length">bytes</param>
public sealed record SafetensorsEntry(string Name, string Dtype, long[] Shape, long Offset, long Length);

/// <summary>
/// The header of a safetensors file: 8 bytes little-endian header length, that many bytes of JSON, then the data.
/// Everything is checked against the file's real size before anything is allocated for it; a bad file is an InvalidDataException that names it.
/// </summary>
public static class SafetensorsFile
{
    /// <summary>The format's own limit on the header.</summary>
    private const long MaxHeaderBytes = 100_000_000;
    private const string MetadataKey = "__metadata__";

    /// <summary>All tensors by name, in the order of their bytes. Throws where lengths, ranges, shapes or types do not agree.</summary>
    public static IReadOnlyDictionary<string, SafetensorsEntry> ReadHeader(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> prefix = stackalloc byte[8];
        if (file.Length < 8)
            throw Bad(path, $"it has {file.Length} bytes, less than the 8 that state the header's length");
        file.ReadExactly(prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxHeaderBytes || (long)headerLength > file.Length - 8)
            throw Bad(path, $"its header claims {headerLength} bytes, but the file has {file.Length} and a header at most {MaxHeaderBytes}");
        var header = new byte[headerLength];
        file.ReadExactly(header);

        var dataStart = 8 + (long)headerLength;
        var entries = Parse(path, header, dataStart, file.Length - dataStart);
        CheckOrder(path, entries, dataStart, file.Length);
        return entries.ToDictionary(entry => entry.Name, StringComparer.Ordinal);
    }

    /// <summary>Bytes an element of the type, or null for a type this product does not read.</summary>
    public static int? ElementBytes(string dtype) => dtype switch
    {
        "F64" or "I64" or "U64" => 8,
        "F32" or "I32" or "U32" => 4,
        "F16" or "BF16" or "I16" or "U16" => 2,
        "I8" or "U8" or "BOOL" => 1,
        _ => null,
    };

    private static List<SafetensorsEntry> Parse(string path, byte[] header, long dataStart, long dataLength)
    {
        var entries = new List<SafetensorsEntry>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        try
        {
            using var json = JsonDocument.Parse(header);
            foreach (var property in json.RootElement.EnumerateObject())
            {
                if (!names.Add(property.Name))
                    throw Bad(path, $"the name '{property.Name}' occurs twice");
                if (property.Name != MetadataKey)
                    entries.Add(ParseEntry(path, property, dataStart, dataLength));
            }
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or KeyNotFoundException or FormatException or OverflowException)
        {
            throw new InvalidDataException($"The safetensors file '{path}' cannot be read: its header is not the JSON the format asks for ({e.Message}).", e);
        }
        entries.Sort((a, b) => (a.Offset, a.Length).CompareTo((b.Offset, b.Length)));
        return entries;
    }

    private static SafetensorsEntry ParseEntry(string path, JsonProperty property, long dataStart, long dataLength)
    {
        var name = property.Name;
        var dtype = property.Value.GetProperty("dtype").GetString() ?? "";
        var shape = property.Value.GetProperty("shape").EnumerateArray().Select(size => size.GetInt64()).ToArray();
        var offsets = property.Value.GetProperty("data_offsets").EnumerateArray().Select(offset => offset.GetInt64()).ToArray();
        if (offsets is not [var start, var end] || start < 0 || end < start || end > dataLength)
            throw Bad(path, $"tensor '{name}' lies at [{string.Join(", ", offsets)}), outside the {dataLength} bytes of data");
        var elementBytes = ElementBytes(dtype) ?? throw Bad(path, $"tensor '{name}' has the unknown type '{dtype}'");
        if (shape.Any(size => size < 0))
            throw Bad(path, $"tensor '{name}' has a negative size");
        var bytes = shape.Aggregate((long)elementBytes, (product, size) => checked(product * size));
        if (bytes != end - start)
            throw Bad(path, $"tensor '{name}' of type {dtype} and shape [{string.Join(", ", shape)}] needs {bytes} bytes, its range has {end - start}");
        return new SafetensorsEntry(name, dtype, shape, dataStart + start, end - start);
    }

    /// <summary>The tensors tile the data: no overlaps, no holes, nothing behind the last (as the format demands).</summary>
    private static void CheckOrder(string path, List<SafetensorsEntry> sorted, long dataStart, long fileLength)
    {
        var position = dataStart;
        foreach (var entry in sorted)
        {
            if (entry.Offset != position)
                throw Bad(path, $"tensor '{entry.Name}' begins at byte {entry.Offset} where {position} was due: tensors overlap or leave a hole");
            position += entry.Length;
        }
        if (position != fileLength)
            throw Bad(path, $"the tensors end at byte {position}, the file at {fileLength}");
    }

    private static InvalidDataException Bad(string path, string why) => new($"The safetensors file '{path}' cannot be read: {why}.");
}
