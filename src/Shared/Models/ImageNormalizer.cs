using System.Runtime.Intrinsics;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>
/// 8-bit RGB of the tower's own size → what the tower was trained on: (x / 255 − mean) / std per channel, planes instead of pixels, in
/// float32 and rounded where the published processors round.
/// </summary>
public sealed class ImageNormalizer
{
    /// <summary>[channel][third]: which bytes of a third of 48 bytes (16 pixels) are the channel's, and where they go; 255 takes none.</summary>
    private static readonly Vector128<byte>[][] Gather = [.. Enumerable.Range(0, 3).Select(channel => Enumerable.Range(0, 3).Select(third =>
        Vector128.Create([.. Enumerable.Range(0, 16).Select(pixel => (3 * pixel + channel) / 16 == third ? (byte)((3 * pixel + channel) % 16) : (byte)255)])).ToArray())];

    private readonly int _size;
    private readonly float[] _mean;
    private readonly float[] _deviation;

    public ImageNormalizer(VisionConfig vision)
    {
        _size = vision.ImageSize;
        var clip = vision.ModelType == VisionConfig.Clip;
        _mean = clip ? [0.48145466f, 0.4578275f, 0.40821073f] : [0.5f, 0.5f, 0.5f];
        _deviation = clip ? [0.26862954f, 0.26130258f, 0.27577711f] : [0.5f, 0.5f, 0.5f];
    }

    /// <summary>Numbers a frame: 3 · S · S.</summary>
    public int Length => 3 * _size * _size;

    /// <summary>One frame → [3, S, S].</summary>
    /// <exception cref="ArgumentException">the frame is not S × S</exception>
    public float[] Normalize(RgbFrame frame)
    {
        var planes = new float[Length];
        Normalize(frame, planes);
        return planes;
    }

    /// <summary>Frames → one array [frames, 3, S, S].</summary>
    public float[] Normalize(IReadOnlyList<RgbFrame> frames)
    {
        var pixels = new float[(long)frames.Count * Length];
        for (var i = 0; i < frames.Count; i++)
            Normalize(frames[i], pixels.AsSpan(i * Length, Length));
        return pixels;
    }

    /// <exception cref="ArgumentException">the frame is not S × S</exception>
    public void RequireSize(RgbFrame frame)
    {
        if (frame.Width != _size || frame.Height != _size || frame.Rgb.Length != Length)
            throw new ArgumentException(
                $"Frame {frame.Index} is {frame.Width}×{frame.Height} with {frame.Rgb.Length} bytes; this model takes {_size}×{_size} RGB ({Length} bytes). Extract frames at ImageSize.",
                nameof(frame));
    }

    /// <summary>One frame → [3, S, S], written over what stands there.</summary>
    /// <exception cref="ArgumentException">the frame is not S × S</exception>
    public void Normalize(RgbFrame frame, Span<float> planes)
    {
        RequireSize(frame);
        for (var channel = 0; channel < 3; channel++)
            Plane(frame.Rgb, channel, planes.Slice(channel * _size * _size, _size * _size));
    }

    /// <summary>Every third byte from `channel` on, as numbers: sixteen pixels at a time, the last few singly.</summary>
    private void Plane(ReadOnlySpan<byte> rgb, int channel, Span<float> plane)
    {
        var gather = Gather[channel];
        var pixel = 0;
        for (; pixel + 16 <= plane.Length; pixel += 16)
        {
            var bytes = rgb.Slice(3 * pixel, 48);
            var values = Vector128.Shuffle(Vector128.Create(bytes), gather[0]) | Vector128.Shuffle(Vector128.Create(bytes[16..]), gather[1])
                | Vector128.Shuffle(Vector128.Create(bytes[32..]), gather[2]);
            var (low, high) = Vector128.Widen(values);
            Four(Vector128.WidenLower(low), plane[pixel..]);
            Four(Vector128.WidenUpper(low), plane[(pixel + 4)..]);
            Four(Vector128.WidenLower(high), plane[(pixel + 8)..]);
            Four(Vector128.WidenUpper(high), plane[(pixel + 12)..]);
        }
        for (; pixel < plane.Length; pixel++)
            plane[pixel] = (rgb[3 * pixel + channel] / 255f - _mean[channel]) / _deviation[channel];

        void Four(Vector128<uint> values, Span<float> into) =>
            ((Vector128.ConvertToSingle(values.AsInt32()) / Vector128.Create(255f) - Vector128.Create(_mean[channel])) / Vector128.Create(_deviation[channel])).CopyTo(into);
    }
}
