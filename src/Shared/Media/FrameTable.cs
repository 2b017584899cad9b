using System.Globalization;
using FFMpegCore;

namespace Tpo.Shared.Media;

/// <summary>
/// When each frame is shown and where decoding can begin, in order of showing: read from the packets, nothing is decoded. Times are whole ticks
/// of the stream's own clock, so a frame is known by its time exactly.
/// </summary>
/// <param name="Ticks">one a frame, rising</param>
/// <param name="IsKey">whether the decoder can start at the frame</param>
/// <param name="SecondsPerTick">the clock, as the fraction that the file declares</param>
public sealed record FrameTable(IReadOnlyList<long> Ticks, IReadOnlyList<bool> IsKey, (long Numerator, long Denominator) SecondsPerTick)
{
    private const int Key = 1, Discarded = 4;
    private const long NoTime = long.MinValue;

    public double Seconds(long ticks) => (double)ticks * SecondsPerTick.Numerator / SecondsPerTick.Denominator;

    /// <summary>The table, or null where the packets do not tell every frame's time: then only decoding from the beginning finds frame i.</summary>
    internal static async Task<FrameTable?> TryReadAsync(string path, FFOptions options, CancellationToken cancellation)
    {
        var lines = new List<string>();
        var copied = await FFMpegArguments
            .FromFileInput(MediaPrograms.Argument(path))
            .OutputToPipe(FrameCrc.Lines(lines.Add), arguments => arguments
                .WithCustomArgument("-loglevel error -map 0:V:0 -c copy -copyts -copyinkf").ForceFormat("framecrc"))
            .CancellableThrough(cancellation)
            .ProcessAsynchronously(false, options);
        return copied ? Parse(lines) : null;
    }

    /// <param name="lines">of a report as <see cref="FrameCrc"/> reads it</param>
    public static FrameTable? Parse(IEnumerable<string> lines)
    {
        (long, long)? clock = null;
        var packets = new List<(long Pts, bool Key)>();
        foreach (var line in lines)
        {
            clock = FrameCrc.TimeBase(line) ?? clock;
            if (FrameCrc.Columns(line) is { } columns)
            {
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
