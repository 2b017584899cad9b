using System.Globalization;
using FFMpegCore;
using FFMpegCore.Pipes;

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
        var sink = new StreamPipeSink((stream, stop) => reader.ReadAsync(stream, stop));
        await FFMpegArguments
            .FromFileInput(MediaPrograms.Argument(path))
            .OutputToPipe(sink, arguments => arguments
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

    /// <summary>Lines are "#tb 0: 1/12800" once, then "stream, dts, pts, duration, size, checksum" a frame.</summary>
    private sealed class LineReader
    {
        private double _secondsPerTick = 1;
        private long _first = long.MaxValue;
        private long _end = long.MinValue;

        public int Frames { get; private set; }
        public double Seconds => Frames == 0 ? 0 : (_end - _first) * _secondsPerTick;

        public async Task ReadAsync(Stream stream, CancellationToken cancellation)
        {
            using var reader = new StreamReader(stream, leaveOpen: true);
            while (await reader.ReadLineAsync(cancellation) is { } line)
                Read(line);
        }

        private void Read(string line)
        {
            if (line.StartsWith("#tb 0:", StringComparison.Ordinal))
            {
                var ratio = line["#tb 0:".Length..].Split('/');
                _secondsPerTick = double.Parse(ratio[0], CultureInfo.InvariantCulture) / double.Parse(ratio[1], CultureInfo.InvariantCulture);
            }
            else if (!line.StartsWith('#'))
            {
                var columns = line.Split(',');
                var start = long.Parse(columns[2], CultureInfo.InvariantCulture);
                _first = Math.Min(_first, start);
                _end = Math.Max(_end, start + long.Parse(columns[3], CultureInfo.InvariantCulture));
                Frames++;
            }
        }
    }
}
