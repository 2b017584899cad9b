using System.Globalization;
using FFMpegCore;
using FFMpegCore.Pipes;

namespace Tpo.Shared.Media;

/// <summary>
/// When each frame is shown and where decoding can begin, in order of showing: read from the packets, nothing is decoded. Times are whole ticks
/// of the stream's own clock, so a frame is known by its time exactly.
/// </summary>
/// <param name="Ticks">one a frame, rising</param>
/// <param name="IsKey">whether the decoder can start at the frame</param>
/// <param name="SecondsPerTick">the clock, as the fraction (Item1 / Item2) that the file declares</param>
public sealed record FrameTable(IReadOnlyList<long> Ticks, IReadOnlyList<bool> IsKey, (long Numerator, long Denominator) SecondsPerTick)
{
    private const int Key = 1, Discarded = 4;
    private const long NoTime = long.MinValue;

    public double Seconds(long ticks) => (double)ticks * SecondsPerTick.Numerator / SecondsPerTick.Denominator;

    /// <summary>The table, or null where the packets do not tell every frame's time: then only decoding from the beginning finds frame i.</summary>
    internal static async Task<FrameTable?> TryReadAsync(string path, FFOptions options, CancellationToken cancellation)
    {
        var lines = new List<string>();
        var sink = new StreamPipeSink(async (stream, stop) =>
        {
            using var reader = new StreamReader(stream, leaveOpen: true);
            while (await reader.ReadLineAsync(stop) is { } line)
                lines.Add(line);
        });
        var copied = await FFMpegArguments
            .FromFileInput(MediaPrograms.Argument(path))
            .OutputToPipe(sink, arguments => arguments
                .WithCustomArgument("-loglevel error -map 0:V:0 -c copy -copyts -copyinkf").ForceFormat("framecrc"))
            .CancellableThrough(cancellation)
            .ProcessAsynchronously(false, options);
        return copied ? Parse(lines) : null;
    }

    /// <summary>Lines of framecrc: "#tb 0: 1/12800" once, then "stream, dts, pts, duration, size, checksum[, F=0x…]" a packet, the flags where they are not those of a key frame alone.</summary>
    public static FrameTable? Parse(IEnumerable<string> lines)
    {
        (long, long)? clock = null;
        var packets = new List<(long Pts, bool Key)>();
        foreach (var line in lines)
        {
            if (line.StartsWith("#tb 0:", StringComparison.Ordinal))
            {
                var ratio = line["#tb 0:".Length..].Split('/');
                clock = (long.Parse(ratio[0], CultureInfo.InvariantCulture), long.Parse(ratio[1], CultureInfo.InvariantCulture));
            }
            else if (!line.StartsWith('#'))
            {
                var columns = line.Split(',', StringSplitOptions.TrimEntries);
                if (!long.TryParse(columns[2], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var pts) || pts == NoTime)
                    return null;
                var flags = columns.FirstOrDefault(column => column.StartsWith("F=0x", StringComparison.Ordinal)) is { } given
                    ? int.Parse(given.AsSpan(4), NumberStyles.HexNumber, CultureInfo.InvariantCulture) : Key;
                if ((flags & Discarded) == 0)
                    packets.Add((pts, (flags & Key) != 0));
            }
        }
        packets.Sort((a, b) => a.Pts.CompareTo(b.Pts));
        for (var i = 1; i < packets.Count; i++)
            if (packets[i].Pts == packets[i - 1].Pts)
                return null;
        return clock is { } declared && packets.Count > 0
            ? new FrameTable([.. packets.Select(packet => packet.Pts)], [.. packets.Select(packet => packet.Key)], declared) : null;
    }
}
