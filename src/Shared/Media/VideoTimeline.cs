using Tpo.Shared.Media.Mp4;

namespace Tpo.Shared.Media;

/// <summary>How many frames a video has and when each is shown: from its packets where they tell, else by decoding it once.</summary>
public sealed class VideoTimeline
{
    private readonly double _seconds;

    private VideoTimeline(int frameCount, double seconds, FrameTable? table, Mp4Index? index) => (FrameCount, _seconds, Table, Index) = (frameCount, seconds, table, index);

    public int FrameCount { get; }

    internal FrameTable? Table { get; }

    /// <summary>null where the file has no plain one</summary>
    internal Mp4Index? Index { get; }

    /// <summary>Seconds from the first frame to this one.</summary>
    public double Seconds(int index) => Table is null ? index * _seconds / FrameCount : Table.Seconds(Table.Ticks[index] - Table.Ticks[0]);

    /// <exception cref="BadVideoException">Nothing can be decoded.</exception>
    public static async Task<VideoTimeline> ReadAsync(string path, TpoSettings settings, CancellationToken cancellation = default)
    {
        var options = MediaPrograms.Options(settings);
        var index = Mp4Index.TryRead(path);
        if ((index?.Table ?? await FrameTable.TryReadAsync(path, options, cancellation)) is { } table)
            return new VideoTimeline(table.Ticks.Count, 0, table, index);
        var decoded = await DecodedTimeline.ReadAsync(path, options, VideoProbe.MostFrames, cancellation);
        return decoded.FrameCount > 0 ? new VideoTimeline(decoded.FrameCount, decoded.Seconds, null, null)
            : throw new BadVideoException($"No frame can be decoded: {decoded.Errors.LastOrDefault() ?? "the file holds no video"}");
    }
}
