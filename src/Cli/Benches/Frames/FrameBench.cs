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
            foreach (var (count, rounds) in await MeasureAsync("a key frame every 60", video, [64, 128], perFrame: true, cancellation))
            {
                figures.Add(new($"sparse_{count}_vs_full_pass", Median(rounds.Select(times => times.FullPass / times.Ours)), '>', 25));
                figures.Add(new($"sparse_{count}_vs_process_per_frame", Median(rounds.Select(times => times.PerFrame / times.Ours)), '>', 1.8));
                figures.Add(new($"sparse_{count}_peak_mb", rounds.Max(times => times.PeakMb), '<', 1024));
            }
        }
        if (part is null or Far)
        {
            var video = await LongVideo.MakeAsync("far", 60, "-g 250 -keyint_min 250 -sc_threshold 0 -bf 3", cancellation);
            var rounds = (await MeasureAsync("a key frame every 250, frames out of order", video, [64], perFrame: false, cancellation))[64];
            figures.Add(new("far_keys_vs_full_pass", Median(rounds.Select(times => times.FullPass / times.Ours)), '>', 6));
            var plan = FramePlanner.Uniform(video.FrameCount, LongVideo.FramesPerSecond, 64);
            var (decoded, least) = await DecodedFrames.CountAsync(video, plan, Side, keysEvery: 250, cancellation);
            Console.WriteLine($"decoded {decoded:N0} frames; from the key frames to the wanted ones are {least:N0}");
            figures.Add(new("far_keys_decoded_vs_least", (double)decoded / least, '<', 1.1));
        }
        if (part is null or Dense)
        {
            var video = await LongVideo.MakeAsync("near", 10, "-g 60 -bf 2", cancellation);
            var rounds = (await MeasureAsync("two frames a second", video, [2 * 600], perFrame: false, cancellation))[2 * 600];
            figures.Add(new("dense_time_vs_full_pass", Median(rounds.Select(times => times.Ours / times.FullPass)), '<', 1.05));
        }
        return figures;
    }

    private sealed record Times(double Ours, double FullPass, double PerFrame, double PeakMb);

    /// <summary>By the number of frames; the full pass takes the frames of all plans at once, as it decodes the same for each.</summary>
    private static async Task<IReadOnlyDictionary<int, List<Times>>> MeasureAsync(string what, LongVideo video, int[] counts, bool perFrame, CancellationToken cancellation)
    {
        var plans = counts.ToDictionary(count => count, count => FramePlanner.Uniform(video.FrameCount, LongVideo.FramesPerSecond, count).Indices);
        var rounds = counts.ToDictionary(count => count, _ => new List<Times>());
        int[] all = [.. plans.Values.SelectMany(indices => indices).Distinct().Order()];
        for (var round = 0; round < Rounds; round++)
        {
            var (passed, fullPass, _) = await TimedAsync(() => OtherWays.FullPassAsync(video, all, Side, cancellation));
            var right = all.Zip(passed).ToDictionary(pair => pair.First, pair => pair.Second);
            foreach (var (count, indices) in plans)
            {
                var (own, ours, peak) = await TimedAsync(() => OursAsync(video, count, cancellation));
                if (own.Count != count || !own.Zip(indices).All(pair => pair.First.AsSpan().SequenceEqual(right[pair.Second])))
                    throw new CliFailure("The pictures are not those of a full pass: the times would say nothing.");
                var (_, each, _) = perFrame ? await TimedAsync(() => OtherWays.ProcessPerFrameAsync(video, indices, Side, cancellation)) : ([], double.NaN, 0);
                rounds[count].Add(new Times(ours, fullPass, each, peak));
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"{count} of {video.FrameCount} frames, {what}, round {round + 1}: {ours:F2} s; all decoded in one pass {fullPass:F2} s; a process a frame {(perFrame ? $"{each:F2} s" : "not run")}; peak {peak:F0} MB"));
            }
        }
        foreach (var (count, times) in rounds)
            TableRow.Print($"{count} of {video.FrameCount} frames of 720p, {what}, {Side}×{Side}, {Rounds} rounds in turns: seconds, all decoded in one pass, a process a frame, peak memory",
                $"{Spread(times.Select(time => time.Ours))}, {Spread(times.Select(time => time.FullPass))}, {(perFrame ? Spread(times.Select(time => time.PerFrame)) : "-")}, {times.Max(time => time.PeakMb):F0} MB", "./tpo bench frames");
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
