using System.Buffers;
using System.Globalization;
using System.Text;

namespace Tpo.Shared.Media;

/// <summary>Turns the picture [height, width, 3] into what is kept of it.</summary>
public delegate byte[] PictureRecipe(ReadOnlySpan<byte> rgb, int width, int height);

/// <summary>Pictures as ffmpeg writes them one behind the other in PPM: `P6\n{width} {height}\n255\n`, then the RGB bytes.</summary>
public static class PpmStream
{
    private const int MostPixels = 1 << 27;

    /// <summary>What the recipe makes of the next whole picture, or null at the end of the stream. Only one picture of the video's size is in memory.</summary>
    /// <exception cref="InvalidDataException">the stream is no PPM</exception>
    public static async Task<byte[]?> TryReadAsync(Stream stream, PictureRecipe recipe, CancellationToken cancellation)
    {
        var header = new StringBuilder();
        var letter = new byte[1];
        for (var lines = 0; lines < 3;)
        {
            if (await stream.ReadAsync(letter, cancellation) == 0)
                return null;
            lines += letter[0] == '\n' ? 1 : 0;
            if (header.Append((char)letter[0]).Length > 40)
                throw new InvalidDataException($"ffmpeg's pictures do not begin as PPM does: '{header}'.");
        }
        if (header.ToString().Split((char[])['\n', ' '], StringSplitOptions.RemoveEmptyEntries) is not ["P6", var first, var second, "255"]
            || !int.TryParse(first, NumberStyles.None, CultureInfo.InvariantCulture, out var width)
            || !int.TryParse(second, NumberStyles.None, CultureInfo.InvariantCulture, out var height)
            || width <= 0 || height <= 0 || (long)width * height > MostPixels)
            throw new InvalidDataException($"ffmpeg's pictures have the header '{header}', not PPM's with at most {MostPixels} pixels.");

        var bytes = 3 * width * height;
        var rgb = ArrayPool<byte>.Shared.Rent(bytes);
        try
        {
            var read = await stream.ReadAtLeastAsync(rgb.AsMemory(0, bytes), bytes, throwOnEndOfStream: false, cancellation);
            return read == bytes ? recipe(rgb.AsSpan(0, bytes), width, height) : null;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(rgb);
        }
    }
}
