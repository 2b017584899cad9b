using Tpo.GpuJob.Synthetic;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// What encoding, decoding and resizing do to a picture, roughly and at random: other brightness and contrast, coarser colour, blur, noise.
/// Training frames are drawn in memory; this keeps the model from relying on what no real file has.
/// </summary>
public static class FrameWeather
{
    /// <summary>Changes the picture (3 · side · side bytes, RGB) in place.</summary>
    public static void Apply(byte[] picture, int side, WorldRandom random)
    {
        if (random.Chance(0.5))
            CoarsenColour(picture, side);
        if (random.Chance(0.5))
            Blur(picture, side, random.Between(0.05, 0.3));
        double contrast = random.Between(0.92, 1.08), light = random.Between(-8, 8), noise = random.Chance(0.7) ? random.Between(0, 8) : 0;
        for (var i = 0; i < picture.Length; i++)
        {
            var value = (picture[i] - 128) * contrast + 128 + light;
            if (noise > 0)
                value += noise * (random.Unit() + random.Unit() - 1);
            picture[i] = (byte)Math.Clamp(value + 0.5, 0, 255);
        }
    }

    /// <summary>Colour, less brightness, averaged over 2 × 2 pixels, as 4:2:0 stores it.</summary>
    private static void CoarsenColour(byte[] picture, int side)
    {
        Span<int> corners = stackalloc int[4];
        Span<double> light = stackalloc double[4];
        for (var row = 0; row + 1 < side; row += 2)
        {
            for (var column = 0; column + 1 < side; column += 2)
            {
                var at = 3 * (row * side + column);
                (corners[0], corners[1], corners[2], corners[3]) = (at, at + 3, at + 3 * side, at + 3 * side + 3);
                double red = 0, green = 0, blue = 0, mean = 0;
                for (var i = 0; i < 4; i++)
                {
                    var c = corners[i];
                    light[i] = 0.299 * picture[c] + 0.587 * picture[c + 1] + 0.114 * picture[c + 2];
                    (red, green, blue, mean) = (red + picture[c] / 4.0, green + picture[c + 1] / 4.0, blue + picture[c + 2] / 4.0, mean + light[i] / 4);
                }
                for (var i = 0; i < 4; i++)
                {
                    picture[corners[i]] = Channel(red + light[i] - mean);
                    picture[corners[i] + 1] = Channel(green + light[i] - mean);
                    picture[corners[i] + 2] = Channel(blue + light[i] - mean);
                }
            }
        }
    }

    /// <summary>Each pixel moves the given share towards the mean of its four neighbours.</summary>
    private static void Blur(byte[] picture, int side, double share)
    {
        var sharp = (byte[])picture.Clone();
        for (var row = 1; row < side - 1; row++)
        {
            for (var i = 3 * (row * side + 1); i < 3 * (row * side + side - 1); i++)
            {
                var around = (sharp[i - 3] + sharp[i + 3] + sharp[i - 3 * side] + sharp[i + 3 * side]) / 4.0;
                picture[i] = Channel(sharp[i] + share * (around - sharp[i]));
            }
        }
    }

    private static byte Channel(double value) => (byte)Math.Clamp(value + 0.5, 0, 255);
}
