using System.Buffers.Binary;
using System.Text;

namespace Tpo.Shared.Media.Mp4;

/// <summary>A box of an ISO media file (ISO/IEC 14496-12): a length, a type of four letters, and what it holds.</summary>
internal readonly record struct Mp4Box(string Type, ReadOnlyMemory<byte> Whole, int Header)
{
    public ReadOnlyMemory<byte> Content => Whole[Header..];

    /// <summary>What stands behind version and flags.</summary>
    public ReadOnlySpan<byte> Fields => Content.Span[4..];

    public byte Version => Content.Span[0];

    public IEnumerable<Mp4Box> Children => Of(Content);

    public Mp4Box Child(string type) => TryChild(type) ?? throw new InvalidDataException($"The box '{Type}' has no '{type}'.");

    public Mp4Box? TryChild(string type)
    {
        foreach (var child in Children)
            if (child.Type == type)
                return child;
        return null;
    }

    /// <exception cref="InvalidDataException">A length does not fit.</exception>
    public static IEnumerable<Mp4Box> Of(ReadOnlyMemory<byte> bytes)
    {
        while (bytes.Length >= 8)
        {
            var (type, length, header) = Head(bytes.Span, bytes.Length);
            if (length > bytes.Length)
                throw new InvalidDataException($"The box '{type}' is longer than the one around it.");
            yield return new Mp4Box(type, bytes[..(int)length], header);
            bytes = bytes[(int)length..];
        }
    }

    /// <summary>The movie's box of a file; it may stand behind the pictures.</summary>
    /// <returns>null where there is none, or one of more than <paramref name="most"/> bytes</returns>
    public static Mp4Box? Movie(FileStream file, int most)
    {
        Span<byte> head = stackalloc byte[16];
        while (file.Length - file.Position >= 8)
        {
            var start = file.Position;
            var read = file.ReadAtLeast(head, head.Length, throwOnEndOfStream: false);
            var (type, length, header) = Head(head[..read], file.Length - start);
            if (type != "moov")
            {
                file.Position = Math.Min(start + length, file.Length);
                continue;
            }
            if (length > most || length > file.Length - start)
                return null;
            file.Position = start;
            var whole = new byte[length];
            file.ReadExactly(whole);
            return new Mp4Box(type, whole, header);
        }
        return null;
    }

    private static (string Type, long Length, int Header) Head(ReadOnlySpan<byte> bytes, long left)
    {
        var type = Encoding.Latin1.GetString(bytes[4..8]);
        var (length, header) = BinaryPrimitives.ReadUInt32BigEndian(bytes) switch
        {
            0 => (left, 8),
            1 => (BinaryPrimitives.ReadInt64BigEndian(bytes[8..]), 16),
            var given => (given, 8),
        };
        return length >= header ? (type, length, header) : throw new InvalidDataException($"The box '{type}' is shorter than its own head.");
    }
}
