using Tpo.Shared.Media.Mp4;

namespace Tpo.Shared.Media;

/// <summary>How many frames a video has and when each is shown: from its packets where they tell, else by decoding it once.</summary>
public sealed class VideoTimeline
{
    private readonly double _seconds;

    private VideoTimeline(int frameCount, double seconds, FrameTable? table) => (FrameCount, _seconds, Table) = (frameCount, seconds, table);

    public int FrameCount { get; }

    internal FrameTable? Table { get; }

    /// <summary>Seconds from the first frame to this one.</summary>
    public double Seconds(int index) => Table is null ? index * _seconds / FrameCount : Table.Seconds(Table.Ticks[index] - Table.Ticks[0]);

    /// <exception cref="BadVideoException">Nothing can be decoded.</exception>
    public static async Task<VideoTimeline> ReadAsync(string path, TpoSettings settings, CancellationToken cancellation = default)
    {
        var options = MediaPrograms.Options(settings);
        if ((Mp4Index.TryRead(path)?.Table ?? await FrameTable.TryReadAsync(path, options, cancellation)) is { } table)
            return new VideoTimeline(table.Ticks.Count, 0, table);
        var decoded = await DecodedTimeline.ReadAsync(path, options, VideoProbe.MostFrames, cancellation);
        return decoded.FrameCount > 0 ? new VideoTimeline(decoded.FrameCount, decoded.Seconds, null)
            : throw new BadVideoException($"No frame can be decoded: {decoded.Errors.LastOrDefault() ?? "the file holds no video"}");
    }
}
