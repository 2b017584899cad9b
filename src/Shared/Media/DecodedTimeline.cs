using System.Globalization;
using FFMpegCore;

namespace Tpo.Shared.Media;

/// <summary>
/// What really comes out of the decoder: ffmpeg decodes the first video stream once and reports one line a frame (its framecrc format), of
/// pictures shrunk to one pixel. Packet counts differ from this where edit lists, hidden frames or damage are.
/// </summary>
/// <param name="FrameCount">frames delivered</param>
/// <param name="Starts">in ticks, of every frame</param>
/// <param name="End">of the last frame, in ticks</param>
/// <param name="Errors">the decoder's complaints</param>
internal sealed record DecodedTimeline(IReadOnlyList<long> Starts, long End, double SecondsPerTick, IReadOnlyList<string> Errors)
{
    private const int MostErrors = 20;

    public int FrameCount => Starts.Count;

    /// <summary>From the first frame's start to the last one's end.</summary>
    public double Seconds => Starts.Count == 0 ? 0 : (End - Starts[0]) * SecondsPerTick;

    /// <summary>How long the frames are shown; null where that is the rate's constant time.</summary>
    public IReadOnlyList<FrameRun>? Runs(double framesPerSecond) => FrameClock.Runs(Starts, End, SecondsPerTick, framesPerSecond);

    public static async Task<DecodedTimeline> ReadAsync(string path, FFOptions options, int mostFrames, CancellationToken cancellation)
    {
        var reader = new LineReader();
        var errors = new List<string>();
        await FFMpegArguments
            .FromFileInput(MediaPrograms.Argument(path))
            .OutputToPipe(FrameCrc.Lines(reader.Read), arguments => arguments
                .WithCustomArgument("-loglevel error -map 0:V:0 -vf scale=1:1:flags=neighbor,format=gray -fps_mode passthrough -enc_time_base -1")
                .WithFrameOutputCount(mostFrames + 1)
                .ForceFormat("framecrc"))
            .NotifyOnError(line =>
            {
                if (errors.Count < MostErrors)
                    errors.Add(line);
            })
            .CancellableThrough(cancellation)
            .ProcessAsynchronously(false, options);
        return new DecodedTimeline(reader.Starts, reader.End, reader.SecondsPerTick, errors);
    }

    private sealed class LineReader
    {
        public double SecondsPerTick { get; private set; } = 1;
        public List<long> Starts { get; } = [];
        public long End { get; private set; } = long.MinValue;

        public void Read(string line)
        {
            if (FrameCrc.TimeBase(line) is { } clock)
                SecondsPerTick = (double)clock.Numerator / clock.Denominator;
            else if (FrameCrc.Columns(line) is { } columns)
            {
                Starts.Add(long.Parse(columns[2], CultureInfo.InvariantCulture));
                End = Math.Max(End, Starts[^1] + long.Parse(columns[3], CultureInfo.InvariantCulture));
            }
        }
    }
}
