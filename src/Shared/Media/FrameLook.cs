namespace Tpo.Shared.Media;

/// <summary>What a small picture of a frame tells about whether one could ask anything about it.</summary>
/// <param name="Dark">share of pixels whose luma is below 32 of 255 (ffmpeg's `blackframe` counts the same)</param>
/// <param name="Detail">variance of the Laplacian over the variance of luma: how much of what differs in the picture differs between neighbours</param>
/// <param name="Change">mean absolute difference to the sampled frame before, over hue, saturation and value; 0 for the first</param>
/// <param name="Hash">128-bit difference hash: bit (row, column) = the cell right of it is brighter, over 17×8 cells</param>
public readonly record struct FrameLook(double Dark, double Detail, double Change, UInt128 Hash)
{
    private const int DarkLuma = 32, Columns = 16, Rows = 8;

    /// <param name="rgb">3 · width · height bytes</param>
    public static FrameLook Of(ReadOnlySpan<byte> rgb, int width, int height, double change)
    {
        var luma = new int[width * height];
        for (var i = 0; i < luma.Length; i++)
            luma[i] = (299 * rgb[3 * i] + 587 * rgb[3 * i + 1] + 114 * rgb[3 * i + 2]) / 1000;
        return new FrameLook((double)luma.Count(value => value < DarkLuma) / luma.Length, DetailOf(luma, width, height), change, HashOf(luma, width, height));
    }

    /// <summary>How many of the 128 bits differ: 0 = the same picture, about 64 = another one.</summary>
    public int Distance(FrameLook other) => (int)UInt128.PopCount(Hash ^ other.Hash);

    private static double DetailOf(int[] luma, int width, int height)
    {
        double sum = 0, squares = 0, edges = 0;
        foreach (var value in luma)
        {
            sum += value;
            squares += value * value;
        }
        for (var y = 1; y < height - 1; y++)
        {
            for (var x = 1; x < width - 1; x++)
            {
                var i = y * width + x;
                double laplacian = 4 * luma[i] - luma[i - 1] - luma[i + 1] - luma[i - width] - luma[i + width];
                edges += laplacian * laplacian;
            }
        }
        var variance = squares / luma.Length - sum / luma.Length * (sum / luma.Length);
        return variance < 1 ? 0 : edges / ((width - 2) * (height - 2)) / variance;
    }

    private static UInt128 HashOf(int[] luma, int width, int height)
    {
        UInt128 hash = 0;
        for (var row = 0; row < Rows; row++)
        {
            for (var column = 0; column < Columns; column++)
                hash = hash << 1 | (Cell(column + 1, row) > Cell(column, row) ? UInt128.One : UInt128.Zero);
        }
        return hash;

        double Cell(int column, int row)
        {
            int left = column * width / (Columns + 1), right = (column + 1) * width / (Columns + 1), top = row * height / Rows, bottom = (row + 1) * height / Rows;
            long sum = 0;
            for (var y = top; y < bottom; y++)
                for (var x = left; x < right; x++)
                    sum += luma[y * width + x];
            return (double)sum / ((right - left) * (bottom - top));
        }
    }
}
