using System.Buffers.Binary;
using System.IO.Compression;
using System.Text;

namespace Tpo.GpuJob.Synthetic;

/// <summary>A PNG to look at: a row a video, a picture a scene.</summary>
public static class ContactSheet
{
    public static async Task WriteAsync(IReadOnlyList<SyntheticVideo> videos, int side, string path, CancellationToken cancel = default)
    {
        var columns = videos.Max(video => video.Scenes.Count);
        int width = columns * side, height = videos.Count * side;
        var sheet = new byte[3 * width * height];
        var renderer = new Renderer(side);
        for (var row = 0; row < videos.Count; row++)
        {
            for (var column = 0; column < videos[row].Scenes.Count; column++)
            {
                var picture = renderer.Frame(videos[row], videos[row].Scenes[column].MiddleFrame);
                for (var line = 0; line < side; line++)
                    picture.AsSpan(3 * side * line, 3 * side).CopyTo(sheet.AsSpan(3 * ((row * side + line) * width + column * side)));
            }
        }
        await File.WriteAllBytesAsync(path, Png(sheet, width, height), cancel);
    }

    /// <summary>Encodes 8-bit RGB rows as a PNG file.</summary>
    public static byte[] Png(byte[] rgb, int width, int height)
    {
        using var file = new MemoryStream();
        file.Write([0x89, (byte)'P', (byte)'N', (byte)'G', 0x0D, 0x0A, 0x1A, 0x0A]);
        var header = new byte[13];
        BinaryPrimitives.WriteInt32BigEndian(header, width);
        BinaryPrimitives.WriteInt32BigEndian(header.AsSpan(4), height);
        header[8] = 8;
        header[9] = 2;
        Chunk(file, "IHDR", header);
        using var packed = new MemoryStream();
        using (var zlib = new ZLibStream(packed, CompressionLevel.Optimal, leaveOpen: true))
        {
            for (var row = 0; row < height; row++)
            {
                zlib.WriteByte(0);
                zlib.Write(rgb, 3 * width * row, 3 * width);
            }
        }
        Chunk(file, "IDAT", packed.ToArray());
        Chunk(file, "IEND", []);
        return file.ToArray();
    }

    private static void Chunk(Stream file, string kind, byte[] body)
    {
        var number = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(number, body.Length);
        file.Write(number);
        byte[] named = [.. Encoding.ASCII.GetBytes(kind), .. body];
        file.Write(named);
        BinaryPrimitives.WriteUInt32BigEndian(number, Crc32(named));
        file.Write(number);
    }

    private static uint Crc32(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var value in bytes)
        {
            crc ^= value;
            for (var bit = 0; bit < 8; bit++)
                crc = (crc >> 1) ^ (0xEDB88320 & (uint)-(int)(crc & 1));
        }
        return ~crc;
    }
}
