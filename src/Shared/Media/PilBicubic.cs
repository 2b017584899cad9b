using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Tpo.Shared.Media;

/// <summary>
/// Pillow's bicubic resize of 8-bit RGB, bit for bit: antialiased (the kernel is stretched by the reduction), first along rows, then along
/// columns, each pass in 22-bit fixed point and rounded to 8 bits.
/// </summary>
public static class PilBicubic
{
    private const int Half = 1 << (BicubicTaps.Bits - 1);

    /// <param name="rgb">[height, width, 3]</param>
    /// <param name="target">[targetHeight, targetWidth, 3], overwritten</param>
    public static void Resize(ReadOnlySpan<byte> rgb, int width, int height, Span<byte> target, int targetWidth, int targetHeight)
    {
        if (width <= 0 || height <= 0 || rgb.Length != 3L * width * height)
            throw new ArgumentException($"{rgb.Length} bytes are no RGB picture of {width}×{height}.", nameof(rgb));
        if (targetWidth <= 0 || targetHeight <= 0 || target.Length != 3L * targetWidth * targetHeight)
            throw new ArgumentException($"{target.Length} bytes cannot hold an RGB picture of {targetWidth}×{targetHeight}.", nameof(target));
        // A pass that keeps the size is left out, as Pillow does: it would change nothing.
        var between = width == targetWidth ? rgb : height == targetHeight ? target : new byte[3 * targetWidth * height];
        if (width != targetWidth)
            AlongRows(rgb, width, MemoryMarshal.CreateSpan(ref MemoryMarshal.GetReference(between), between.Length), BicubicTaps.For(width, targetWidth));
        if (height != targetHeight)
            AlongColumns(between, 3 * targetWidth, target, BicubicTaps.For(height, targetHeight));
        else if (width == targetWidth)
            rgb.CopyTo(target);
    }

    /// <summary>[rows, width, 3] → [rows, taps.Count, 3]. A pixel is the vector (R, G, B, unused); four rows go together, so that a weight is loaded once.</summary>
    private static void AlongRows(ReadOnlySpan<byte> source, int width, Span<byte> target, BicubicTaps taps)
    {
        // A row's last pixel is read with one byte too many, which the padding provides.
        var (rows, stride) = (source.Length / (3 * width), 3 * width + 1);
        var four = new byte[4 * stride];
        for (var row = 0; row < rows; row += 4)
        {
            var count = Math.Min(4, rows - row);
            for (var i = 0; i < count; i++)
                source.Slice((row + i) * 3 * width, 3 * width).CopyTo(four.AsSpan(i * stride));
            for (var x = 0; x < taps.Count; x++)
            {
                var weights = taps.WeightsOf(x);
                var (a, b, c, d) = (Vector128.Create(Half), Vector128.Create(Half), Vector128.Create(Half), Vector128.Create(Half));
                ref var pixel = ref four[3 * taps.FirstOf(x)];
                foreach (var weight in weights)
                {
                    a += Pixel(ref pixel) * weight;
                    b += Pixel(ref Unsafe.Add(ref pixel, stride)) * weight;
                    c += Pixel(ref Unsafe.Add(ref pixel, 2 * stride)) * weight;
                    d += Pixel(ref Unsafe.Add(ref pixel, 3 * stride)) * weight;
                    pixel = ref Unsafe.Add(ref pixel, 3);
                }
                var bytes = Vector128.Narrow(Vector128.Narrow(Clip(a), Clip(b)).AsUInt16(), Vector128.Narrow(Clip(c), Clip(d)).AsUInt16());
                for (var i = 0; i < count; i++)
                {
                    var at = target.Slice(((row + i) * taps.Count + x) * 3, 3);
                    (at[0], at[1], at[2]) = (bytes[4 * i], bytes[4 * i + 1], bytes[4 * i + 2]);
                }
            }
        }
    }

    /// <summary>[rows, rowBytes] → [taps.Count, rowBytes]: every byte of a target row is the same weighted sum of the bytes above and below it.</summary>
    private static void AlongColumns(ReadOnlySpan<byte> source, int rowBytes, Span<byte> target, BicubicTaps taps)
    {
        for (var y = 0; y < taps.Count; y++)
        {
            var weights = taps.WeightsOf(y);
            var rows = source.Slice(taps.FirstOf(y) * rowBytes, weights.Length * rowBytes);
            var into = target.Slice(y * rowBytes, rowBytes);
            var at = 0;
            for (; at + 32 <= rowBytes; at += 32)
            {
                var (a, b, c, d) = (Vector256.Create(Half), Vector256.Create(Half), Vector256.Create(Half), Vector256.Create(Half));
                for (var t = 0; t < weights.Length; t++)
                {
                    var (low, high) = Vector256.Widen(Vector256.Create(rows.Slice(t * rowBytes + at, 32)));
                    var ((p, q), (r, s)) = (Vector256.Widen(low), Vector256.Widen(high));
                    a += p.AsInt32() * weights[t];
                    b += q.AsInt32() * weights[t];
                    c += r.AsInt32() * weights[t];
                    d += s.AsInt32() * weights[t];
                }
                Vector256.Narrow(Vector256.Narrow(Clip(a), Clip(b)).AsUInt16(), Vector256.Narrow(Clip(c), Clip(d)).AsUInt16()).CopyTo(into[at..]);
            }
            for (; at < rowBytes; at++)
            {
                var sum = Half;
                for (var t = 0; t < weights.Length; t++)
                    sum += rows[t * rowBytes + at] * weights[t];
                into[at] = (byte)Math.Clamp(sum >> BicubicTaps.Bits, 0, 255);
            }
        }
    }

    /// <summary>Four bytes as four numbers.</summary>
    private static Vector128<int> Pixel(ref byte at) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<uint>(ref at)).AsByte())).AsInt32();

    private static Vector128<int> Clip(Vector128<int> sum) => Vector128.Clamp(sum >> BicubicTaps.Bits, Vector128<int>.Zero, Vector128.Create(255));

    private static Vector256<int> Clip(Vector256<int> sum) => Vector256.Clamp(sum >> BicubicTaps.Bits, Vector256<int>.Zero, Vector256.Create(255));
}
