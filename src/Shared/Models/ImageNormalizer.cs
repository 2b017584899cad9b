using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>8-bit RGB of the tower's own size → what the tower was trained on: (x / 255 − mean) / std per channel, planes instead of pixels.</summary>
public sealed class ImageNormalizer
{
    private readonly int _size;
    private readonly float[][] _tables;

    public ImageNormalizer(VisionConfig vision)
    {
        _size = vision.ImageSize;
        var clip = vision.ModelType.StartsWith("clip", StringComparison.Ordinal);
        float[] mean = clip ? [0.48145466f, 0.4578275f, 0.40821073f] : [0.5f, 0.5f, 0.5f];
        float[] deviation = clip ? [0.26862954f, 0.26130258f, 0.27577711f] : [0.5f, 0.5f, 0.5f];
        // A byte has 256 values, so the arithmetic is done once and a pixel costs one look-up.
        _tables = [.. mean.Zip(deviation, (m, d) => Enumerable.Range(0, 256).Select(value => (value * (1 / 255f) - m) / d).ToArray())];
    }

    /// <summary>One frame → [3, S, S].</summary>
    /// <exception cref="ArgumentException">the frame is not S × S</exception>
    public float[] Normalize(RgbFrame frame)
    {
        if (frame.Width != _size || frame.Height != _size || frame.Rgb.Length != 3 * _size * _size)
            throw new ArgumentException(
                $"Frame {frame.Index} is {frame.Width}×{frame.Height} with {frame.Rgb.Length} bytes; this model takes {_size}×{_size} RGB ({3 * _size * _size} bytes). Extract frames at ImageSize.",
                nameof(frame));
        int pixels = _size * _size;
        var planes = new float[3 * pixels];
        var rgb = frame.Rgb.AsSpan();
        for (var channel = 0; channel < 3; channel++)
        {
            var table = _tables[channel];
            var plane = planes.AsSpan(channel * pixels, pixels);
            for (int pixel = 0, source = channel; pixel < plane.Length; pixel++, source += 3)
                plane[pixel] = table[rgb[source]];
        }
        return planes;
    }
}
