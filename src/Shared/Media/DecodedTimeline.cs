using System.Globalization;
using FFMpegCore;

namespace Tpo.Shared.Media;

/// <summary>
/// What really comes out of the decoder: ffmpeg decodes the first video stream once and reports one line a frame (its framecrc format), of
/// pictures shrunk to one pixel. Packet counts differ from this where edit lists, hidden frames or damage are.
/// </summary>
/// <param name="FrameCount">frames delivered</param>
/// <param name="Seconds">from the first frame's start to the last one's end</param>
/// <param name="Errors">the decoder's complaints</param>
internal sealed record DecodedTimeline(int FrameCount, double Seconds, IReadOnlyList<string> Errors)
{
    private const int MostErrors = 20;

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
        return new DecodedTimeline(reader.Frames, reader.Seconds, errors);
    }

    private sealed class LineReader
    {
        private double _secondsPerTick = 1;
        private long _first = long.MaxValue;
        private long _end = long.MinValue;

        public int Frames { get; private set; }
        public double Seconds => Frames == 0 ? 0 : (_end - _first) * _secondsPerTick;

        public void Read(string line)
        {
            if (FrameCrc.TimeBase(line) is { } clock)
                _secondsPerTick = (double)clock.Numerator / clock.Denominator;
            else if (FrameCrc.Columns(line) is { } columns)
            {
                var start = long.Parse(columns[2], CultureInfo.InvariantCulture);
                _first = Math.Min(_first, start);
                _end = Math.Max(_end, start + long.Parse(columns[3], CultureInfo.InvariantCulture));
                Frames++;
            }
        }
    }
}
