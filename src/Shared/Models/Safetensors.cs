using System.Buffers.Binary;

namespace Tpo.Shared.Models;

/// <summary>One tensor of a safetensors file.</summary>
/// <param name="Dtype">the format's name of the element type: F32, F16, BF16, I64, …</param>
/// <param name="Shape">sizes, row-major; empty for a scalar</param>
/// <param name="Offset">first byte, counted from the beginning of the file</param>
/// <param name="Length">bytes</param>
public sealed record SafetensorsEntry(string Name, string Dtype, long[] Shape, long Offset, long Length);

/// <summary>
/// The header of a safetensors file: 8 bytes little-endian header length, that many bytes of JSON, then the data.
/// Everything is checked against the file's real size before anything is allocated for it; a bad file is an InvalidDataException that names
/// the file, the tensor and what is wrong.
/// </summary>
public static class SafetensorsFile
{
    /// <summary>The format's own limit on the header.</summary>
    private const long MaxHeaderBytes = 100_000_000;

    /// <summary>All tensors by name, in the order of their bytes. Throws where lengths, ranges, shapes or types do not agree.</summary>
    public static IReadOnlyDictionary<string, SafetensorsEntry> ReadHeader(string path)
    {
        using var file = File.OpenRead(path);
        Span<byte> prefix = stackalloc byte[8];
        if (file.Length < 8)
            throw Bad(path, $"it has {file.Length} bytes, less than the 8 that state the header's length");
        file.ReadExactly(prefix);
        var headerLength = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (headerLength > MaxHeaderBytes && Pickle.Begins(prefix))
            throw new InvalidDataException($"'{path}' is a pickle under the name of a safetensors file. {Pickle.WhatToDo}");
        if (headerLength > MaxHeaderBytes)
            throw Bad(path, $"its header claims {headerLength} bytes, the format allows {MaxHeaderBytes}");
        if ((long)headerLength > file.Length - 8)
            throw Bad(path, $"its header claims {headerLength} bytes, but the file has only {file.Length - 8} behind the length: it is cut off, or no safetensors file");
        var header = new byte[headerLength];
        file.ReadExactly(header);

        var dataStart = 8 + (long)headerLength;
        var entries = new SafetensorsHeader(path, dataStart, file.Length - dataStart).Parse(header);
        entries.Sort((a, b) => (a.Offset, a.Length).CompareTo((b.Offset, b.Length)));
        CheckTiling(path, entries, dataStart, file.Length - dataStart);
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

    internal static InvalidDataException Bad(string path, string why, Exception? cause = null) =>
        new($"The safetensors file '{path}' cannot be read: {why}.", cause);

    /// <summary>The tensors tile the data: no overlaps, no holes, nothing behind the last (as the format demands).</summary>
    private static void CheckTiling(string path, List<SafetensorsEntry> sorted, long dataStart, long dataLength)
    {
        long position = 0;
        var before = "";
        foreach (var entry in sorted)
        {
            var start = entry.Offset - dataStart;
            if (start < position)
                throw Bad(path, $"tensor '{SafetensorsHeader.Shown(entry.Name)}' begins at byte {start} of the data, inside tensor '{before}', which ends at {position}: they overlap");
            if (start > position)
                throw Bad(path, $"tensor '{SafetensorsHeader.Shown(entry.Name)}' begins at byte {start} of the data where {position} was due: there is a gap");
            position += entry.Length;
            before = SafetensorsHeader.Shown(entry.Name);
        }
        if (position != dataLength)
            throw Bad(path, $"its tensors end at byte {position} of the data, which has {dataLength}: {dataLength - position} bytes belong to none");
    }
}
