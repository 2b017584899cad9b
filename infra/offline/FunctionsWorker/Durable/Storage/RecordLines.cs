using System.Buffers.Text;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>
/// Records as text lines: eight hex digits of CRC-32C, a mark, JSON, line feed. The mark is a space, or '+' where the record goes on
/// in the next line because it is too long for one block.
/// </summary>
internal static class RecordLines
{
    /// <summary>Longest block: the service's limit for AppendBlock in every API version is at least 4 MiB.</summary>
    public const int MaxBlock = 4 * 1024 * 1024;

    private const int Frame = 10; // checksum, mark, line feed
    private const byte Last = (byte)' ', More = (byte)'+', LineFeed = (byte)'\n';

    private static readonly JsonSerializerOptions json = new()
    {
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingDefault,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping, // still escapes line feeds, which end a line here
    };

    /// <summary>One record as one line, or as several that each fit a block.</summary>
    public static IReadOnlyList<byte[]> Encode(LogRecord record)
    {
        var text = JsonSerializer.SerializeToUtf8Bytes(record, json);
        if (text.Length + Frame <= MaxBlock) return [Line(text, Last)];
        var chunks = text.Chunk(MaxBlock - Frame).ToArray();
        return [.. chunks.Select((chunk, i) => Line(chunk, i < chunks.Length - 1 ? More : Last))];
    }

    /// <summary>
    /// Reads lines back. An AppendBlock is all or nothing, so a line cannot be half there: anything odd is damage, and said.
    /// A record of several blocks whose writer died in between is the one thing left out: it was never committed.
    /// </summary>
    /// <exception cref="InvalidDataException">A line's checksum is wrong or it does not end.</exception>
    public static List<LogRecord> Decode(byte[] content, string name)
    {
        var records = new List<LogRecord>();
        var parts = new MemoryStream();
        for (var at = 0; at < content.Length;)
        {
            var length = content.AsSpan(at).IndexOf(LineFeed);
            if (length < Frame - 1) throw Damaged(name, at, "a line does not end");
            var body = content.AsMemory(at + Frame - 1, length - (Frame - 1));
            if (!Utf8Parser.TryParse(content.AsSpan(at, 8), out uint expected, out var digits, 'x') || digits != 8
                || expected != Checksum(body.Span))
                throw Damaged(name, at, "a line's checksum is wrong");
            var record = content[at + 8] == More ? null : Parse(parts, body, name, at);
            if (record is null) parts.Write(body.Span);
            else records.Add(record);
            at += length + 1;
        }
        return records;
    }

    private static LogRecord Parse(MemoryStream parts, ReadOnlyMemory<byte> body, string name, int at)
    {
        try
        {
            // A seal is always whole: parts before it belong to a record whose writer was fenced off in the middle.
            if (parts.Length > 0 && TryRead(body.Span) is SegmentSealed seal) return seal;
            if (parts.Length == 0) return JsonSerializer.Deserialize<LogRecord>(body.Span, json)!;
            parts.Write(body.Span);
            var record = JsonSerializer.Deserialize<LogRecord>(parts.ToArray(), json)!;
            parts.SetLength(0);
            return record;
        }
        catch (JsonException e)
        {
            throw new InvalidDataException(Damaged(name, at, "a record cannot be read").Message, e);
        }
    }

    private static LogRecord? TryRead(ReadOnlySpan<byte> body)
    {
        try { return body.StartsWith("{\"record\":\"sealed\""u8) ? JsonSerializer.Deserialize<LogRecord>(body, json) : null; }
        catch (JsonException) { return null; }
    }

    private static byte[] Line(ReadOnlySpan<byte> body, byte mark)
    {
        var line = new byte[body.Length + Frame];
        Utf8Formatter.TryFormat(Checksum(body), line, out _, new System.Buffers.StandardFormat('x', 8));
        line[8] = mark;
        body.CopyTo(line.AsSpan(9));
        line[^1] = LineFeed;
        return line;
    }

    private static uint Checksum(ReadOnlySpan<byte> body)
    {
        var sum = ~0u;
        var words = MemoryMarshal.Cast<byte, ulong>(body);
        foreach (var word in words) sum = BitOperations.Crc32C(sum, word);
        foreach (var b in body[(words.Length * 8)..]) sum = BitOperations.Crc32C(sum, b);
        return ~sum;
    }

    private static InvalidDataException Damaged(string name, int at, string what) => new(
        $"The durable log segment '{name}' is damaged at byte {at}: {what}. "
        + "Restore the blob, or delete the container to begin with an empty hub.");
}
