using System.Diagnostics;
using System.Globalization;
using Tpo.Cli.Verbs;
using Tpo.Shared.Media;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches.Frames;

/// <summary>
/// Uniform frames of long files: the product's extractor, everything from the file's path on, against one pass that decodes all and against one
/// seeking ffmpeg a frame. They take turns; the pictures must be equal.
/// </summary>
internal static class FrameBench
{
    public const string Near = "near-keys", Far = "far-keys", Dense = "dense";
    private const int Rounds = 5, Side = 384;

    public static IReadOnlyList<string> Parts { get; } = [Near, Far, Dense];

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string? part, CancellationToken cancellation)
    {
        var figures = new List<Figure>();
        if (part is null or Near)
        {
            var video = await LongVideo.MakeAsync("near", 60, "-g 60 -bf 2", cancellation);
            foreach (var count in new[] { 64, 128 })
            {
                var round = await MeasureAsync($"{count} of {video.FrameCount} frames, a key frame every 60", video, count, perFrame: true, cancellation);
                figures.Add(new($"sparse_{count}_vs_full_pass", Median(round.Select(times => times.FullPass / times.Ours)), '>', 25));
                figures.Add(new($"sparse_{count}_vs_process_per_frame", Median(round.Select(times => times.PerFrame / times.Ours)), '>', 1.8));
                figures.Add(new($"sparse_{count}_peak_mb", round.Max(times => times.PeakMb), '<', 1024));
            }
        }
        if (part is null or Far)
        {
            var video = await LongVideo.MakeAsync("far", 60, "-g 250 -keyint_min 250 -sc_threshold 0 -bf 3", cancellation);
            var round = await MeasureAsync($"64 of {video.FrameCount} frames, a key frame every 250, frames out of order", video, 64, perFrame: false, cancellation);
            figures.Add(new("far_keys_vs_full_pass", Median(round.Select(times => times.FullPass / times.Ours)), '>', 6));
            var plan = FramePlanner.Uniform(video.FrameCount, LongVideo.FramesPerSecond, 64);
            var (decoded, least) = await DecodedFrames.CountAsync(video, plan, Side, keysEvery: 250, cancellation);
            Console.WriteLine($"decoded {decoded:N0} frames; from the key frames to the wanted ones are {least:N0}");
            figures.Add(new("far_keys_decoded_vs_least", (double)decoded / least, '<', 1.1));
        }
        if (part is null or Dense)
        {
            var video = await LongVideo.MakeAsync("near", 10, "-g 60 -bf 2", cancellation);
            var round = await MeasureAsync($"two frames a second of {video.FrameCount}", video, 2 * 600, perFrame: false, cancellation);
            figures.Add(new("dense_time_vs_full_pass", Median(round.Select(times => times.Ours / times.FullPass)), '<', 1.05));
        }
        return figures;
    }

    private sealed record Times(double Ours, double FullPass, double PerFrame, double PeakMb);

    private static async Task<IReadOnlyList<Times>> MeasureAsync(string what, LongVideo video, int count, bool perFrame, CancellationToken cancellation)
    {
        var rounds = new List<Times>();
        for (var round = 0; round < Rounds; round++)
        {
            var (own, ours, peak) = await TimedAsync(() => OursAsync(video, count, cancellation));
            var (all, fullPass, _) = await TimedAsync(() => OtherWays.FullPassAsync(video, count, Side, cancellation));
            if (!own.Zip(all).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second)) || own.Count != all.Count)
                throw new CliFailure("The pictures are not those of a full pass: the times would say nothing.");
            var (_, each, _) = perFrame ? await TimedAsync(() => OtherWays.ProcessPerFrameAsync(video, count, Side, cancellation)) : ([], double.NaN, 0);
            rounds.Add(new Times(ours, fullPass, each, peak));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{what}, round {round + 1}: {ours:F2} s; all decoded in one pass {fullPass:F2} s; a process a frame {each:F2} s; peak {peak:F0} MB"));
        }
        TableRow.Print($"{what}, {Side}×{Side}, {Rounds} rounds in turns: seconds, the same from a full pass, from a process a frame",
            $"{Spread(rounds.Select(times => times.Ours))}, {Spread(rounds.Select(times => times.FullPass))}, {(perFrame ? Spread(rounds.Select(times => times.PerFrame)) : "-")}", "./tpo bench frames");
        return rounds;
    }

    /// <summary>From the path to the pictures: the frames are counted, planned and taken.</summary>
    private static async Task<IReadOnlyList<byte[]>> OursAsync(LongVideo video, int count, CancellationToken cancellation)
    {
        var settings = Surroundings.MediaSettings;
        var timeline = await VideoTimeline.ReadAsync(video.Path, settings, cancellation);
        var plan = FramePlanner.Uniform(timeline.FrameCount, LongVideo.FramesPerSecond, count);
        return [.. (await new FrameExtractor(settings).ExtractAsync(video.Path, plan, Side, Side, cancellation, timeline)).Select(frame => frame.Rgb)];
    }

    private static async Task<(IReadOnlyList<byte[]> Pictures, double Seconds, double PeakMb)> TimedAsync(Func<Task<IReadOnlyList<byte[]>>> work)
    {
        using var watching = new ChildMemory();
        var clock = Stopwatch.StartNew();
        var pictures = await work();
        return (pictures, clock.Elapsed.TotalSeconds, watching.PeakMb);
    }
}
