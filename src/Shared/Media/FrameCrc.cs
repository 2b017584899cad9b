using System.Globalization;
using FFMpegCore.Pipes;

namespace Tpo.Shared.Media;

/// <summary>
/// ffmpeg's framecrc report: "#tb 0: 1/12800" once, then "stream, dts, pts, duration, size, checksum[, F=0x…]" a packet or frame, the flags where they
/// are not those of a key frame alone.
/// </summary>
internal static class FrameCrc
{
    /// <summary>Gives each line of the report away as it comes.</summary>
    public static StreamPipeSink Lines(Action<string> read) => new(async (stream, stop) =>
    {
        using var reader = new StreamReader(stream, leaveOpen: true);
        while (await reader.ReadLineAsync(stop) is { } line)
            read(line);
    });

    /// <summary>A second is Denominator ÷ Numerator ticks; null where the line is another one.</summary>
    public static (long Numerator, long Denominator)? TimeBase(string line)
    {
        if (!line.StartsWith("#tb 0:", StringComparison.Ordinal))
            return null;
        var ratio = line["#tb 0:".Length..].Split('/');
        return (long.Parse(ratio[0], CultureInfo.InvariantCulture), long.Parse(ratio[1], CultureInfo.InvariantCulture));
    }

    /// <summary>The columns of a packet's line; null where the line is a remark.</summary>
    public static string[]? Columns(string line) => line.StartsWith('#') ? null : line.Split(',', StringSplitOptions.TrimEntries);
}
