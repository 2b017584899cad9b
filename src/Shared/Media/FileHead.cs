using System.Buffers.Binary;
using System.Text;

namespace Tpo.Shared.Media;

/// <summary>What the first bytes of a file say, where ffmpeg goes by the file's name or says nothing.</summary>
internal static class FileHead
{
    /// <summary>Types of a first box of ISO media files (mp4, mov).</summary>
    private static readonly string[] FirstBoxes = ["ftyp", "moov", "mdat", "free", "skip", "wide", "pnot"];

    public static async Task<byte[]> ReadAsync(string path, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        var head = new byte[12];
        return head[..await file.ReadAtLeastAsync(head, head.Length, throwOnEndOfStream: false, cancellation)];
    }

    public static bool IsIsoMedia(ReadOnlySpan<byte> head) => head.Length >= 8 && FirstBoxes.Contains(Encoding.Latin1.GetString(head[4..8]));

    /// <summary>True where a RIFF file (avi) names more bytes than there are; 0 and all ones mean that its writer did not know.</summary>
    public static bool IsCutOffRiff(ReadOnlySpan<byte> head, long fileBytes)
    {
        if (head.Length < 8 || !head[..4].SequenceEqual("RIFF"u8))
            return false;
        var declared = BinaryPrimitives.ReadUInt32LittleEndian(head[4..8]);
        return declared is not (0 or uint.MaxValue) && declared + 8L > fileBytes + 1;
    }
}
