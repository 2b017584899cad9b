using System.Buffers.Binary;
using System.IO.Compression;

namespace Tpo.GpuJob.Verify;

/// <summary>A reference picture: 8-bit RGB [Height, Width, 3], read from PNG.</summary>
public sealed record PngPicture(int Width, int Height, byte[] Rgb)
{
    private const int MostPixels = 1 << 26;

    /// <exception cref="InvalidDataException">it is no PNG, or not 8-bit RGB without interlacing</exception>
    public static PngPicture Read(string path)
    {
        byte[] file = File.ReadAllBytes(path);
        if (!file.AsSpan().StartsWith((byte[])[0x89, (byte)'P', (byte)'N', (byte)'G', 13, 10, 26, 10]) || file.Length < 33)
            throw new InvalidDataException($"'{path}' is no PNG.");
        int width = Number(file, 16), height = Number(file, 20);
        if (file[24] != 8 || file[25] != 2 || file[28] != 0)
            throw new InvalidDataException($"'{path}' is not an 8-bit RGB picture without interlacing; save it as one.");
        if (width <= 0 || height <= 0 || (long)width * height > MostPixels)
            throw new InvalidDataException($"'{path}' says {width}×{height} pixels; at most {MostPixels} are read.");

        using var packed = new MemoryStream();
        for (int at = 8; at + 12 <= file.Length;)
        {
            int length = Number(file, at);
            if (length < 0 || length > file.Length - at - 12)
                throw new InvalidDataException($"'{path}' ends inside a chunk: it is cut off.");
            if (file.AsSpan(at + 4, 4).SequenceEqual("IDAT"u8))
                packed.Write(file, at + 8, length);
            at += length + 12;
        }
        packed.Position = 0;
        using var lines = new ZLibStream(packed, CompressionMode.Decompress);
        return new PngPicture(width, height, Unfilter(lines, width, height, path));
    }

    private static byte[] Unfilter(Stream lines, int width, int height, string path)
    {
        int row = 3 * width;
        var rgb = new byte[row * height];
        var line = new byte[row + 1];
        for (int y = 0; y < height; y++)
        {
            if (lines.ReadAtLeast(line, line.Length, throwOnEndOfStream: false) < line.Length)
                throw new InvalidDataException($"'{path}' has fewer than its {height} lines: it is cut off.");
            for (int x = 0; x < row; x++)
            {
                int left = x < 3 ? 0 : rgb[y * row + x - 3], above = y == 0 ? 0 : rgb[(y - 1) * row + x], corner = x < 3 || y == 0 ? 0 : rgb[(y - 1) * row + x - 3];
                rgb[y * row + x] = (byte)(line[x + 1] + line[0] switch
                {
                    0 => 0,
                    1 => left,
                    2 => above,
                    3 => (left + above) / 2,
                    4 => Paeth(left, above, corner),
                    _ => throw new InvalidDataException($"'{path}' has a line with the unknown filter {line[0]}."),
                });
            }
        }
        return rgb;
    }

    /// <summary>The neighbour nearest to left + above − corner.</summary>
    private static int Paeth(int left, int above, int corner)
    {
        int estimate = left + above - corner;
        int toLeft = Math.Abs(estimate - left), toAbove = Math.Abs(estimate - above), toCorner = Math.Abs(estimate - corner);
        return toLeft <= toAbove && toLeft <= toCorner ? left : toAbove <= toCorner ? above : corner;
    }

    private static int Number(byte[] file, int at) => BinaryPrimitives.ReadInt32BigEndian(file.AsSpan(at));
}
