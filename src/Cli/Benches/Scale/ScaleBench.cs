using System.Diagnostics;
using System.Globalization;
using Tpo.Cli.Verbs;
using Tpo.Shared.Costs;
using Tpo.Shared.Preferences;

namespace Tpo.Cli.Benches.Scale;

/// <summary>
/// Whether the thousandth video costs what the hundredth did: a thousand distinct videos through the whole pipeline, a hundred at a time; and ten thousand
/// orchestrations of a curation's shape at once on the engine alone.
/// </summary>
internal static class ScaleBench
{
    public const string Videos = "videos", Instances = "instances";
    private const int Batches = 10, BatchSize = 100, Alone = 10;

    public static IReadOnlyList<string> Parts { get; } = [Videos, Instances];

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string? part, CancellationToken cancellation) =>
    [
        .. part is null or Videos ? await VideosAsync(cancellation) : [],
        .. part is null or Instances ? await InstancesAsync(cancellation) : [],
    ];

    private sealed record Batch(double Seconds, long Requests, double Megabytes);

    private static async Task<IReadOnlyList<Figure>> VideosAsync(CancellationToken cancellation)
    {
        var files = await ManyVideos.MakeAsync(Alone + Batches * BatchSize, cancellation);
        await using var house = await CuratingHouse.StartAsync(cancellation);
        foreach (var file in files.Take(Alone))
            await house.CurateAsync([file], cancellation);
        // The first one alone pays for what is loaded and compiled once.
        var first = (await house.RecordsAsync(cancellation))[0].VideoId;
        var alone = (await house.LedgerAsync(cancellation)).Where(line => line.VideoId != first).ToList();

        var (batches, all) = (new List<Batch>(), Stopwatch.StartNew());
        for (var batch = 0; batch < Batches; batch++)
        {
            var (clock, requests) = (Stopwatch.StartNew(), house.Requests);
            await house.CurateAsync([.. files.Skip(Alone + batch * BatchSize).Take(BatchSize)], cancellation);
            batches.Add(new Batch(clock.Elapsed.TotalSeconds, house.Requests - requests, house.AppMegabytes));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"videos {batch * BatchSize + 1} to {(batch + 1) * BatchSize}: {batches[^1].Seconds / BatchSize:F2} s, {(double)batches[^1].Requests / BatchSize:F0} storage operations a video; {batches[^1].Megabytes:F0} MB"));
        }
        var minutes = all.Elapsed.TotalMinutes;
        var ended = (await house.RecordsAsync(cancellation)).GroupBy(record => record.Status).ToDictionary(group => group.Key, group => group.Count());
        if (ended.GetValueOrDefault(VideoStatus.Curated) != files.Count)
            throw new CliFailure($"Not all were curated: {string.Join(", ", ended.Select(status => $"{status.Value} {status.Key}"))}.");
        PrintStages(alone, Alone - 1, batches.Sum(batch => batch.Seconds));

        var (second, last) = (batches[1], batches[^1]);
        TableRow.Print(
            $"{Batches * BatchSize} distinct videos of {ManyVideos.Seconds} s through the whole pipeline, {BatchSize} at a time: minutes; the second and the last hundred: seconds and storage operations a video, app's memory",
            string.Create(CultureInfo.InvariantCulture, $"{minutes:F1}; {second.Seconds / BatchSize:F2} and {last.Seconds / BatchSize:F2} s, {(double)second.Requests / BatchSize:F0} and {(double)last.Requests / BatchSize:F0}, {second.Megabytes:F0} and {last.Megabytes:F0} MB"),
            "./tpo bench scale videos");
        return
        [
            new("minutes", minutes, '<', 60),
            new("seconds_last_vs_second_hundred", last.Seconds / second.Seconds, '<', 1.1),
            new("operations_last_vs_second_hundred", (double)last.Requests / second.Requests, '<', 1.1),
            new("memory_last_vs_second_hundred", last.Megabytes / second.Megabytes, '<', 1.1),
        ];
    }

    /// <summary>What was reached, against what the cores could do if they did nothing but this stage, at the speed of a video that is alone.</summary>
    private static void PrintStages(IReadOnlyList<LedgerLine> alone, int videos, double seconds)
    {
        var reached = Batches * BatchSize / seconds;
        foreach (var stage in alone.GroupBy(line => line.Stage).OrderBy(group => group.Key))
        {
            var (units, each) = ((double)stage.Count() / videos, stage.Sum(line => line.Cost.Seconds) / videos);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"{stage.Key}: {units:F1} units a video, {each:F3} s alone: at most {(each < 0.001 ? "1000s of" : $"{Environment.ProcessorCount / each:F1}")} videos a second on {Environment.ProcessorCount} cores; reached {reached:F2} ({reached * units:F1} units)"));
        }
        var ceiling = Environment.ProcessorCount / (alone.Sum(line => line.Cost.Seconds) / videos);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"all of these together (probing, storage and the engine are in no bill): at most {ceiling:F2} videos a second, reached {reached:F2}: {reached / ceiling:P0}"));
    }

    private static async Task<IReadOnlyList<Figure>> InstancesAsync(CancellationToken cancellation)
    {
        const int few = 1_000, many = 10_000, activities = 15;
        await using var load = await EngineLoad.StartAsync(cancellation);
        Task<EngineLoad.Measurement> Run(int instances) => load.MeasureAsync($"together?instances={instances}&n={activities}&window=5&bytes=200", cancellation);
        await Run(few);
        var (small, large) = (await Run(few), await Run(many));
        TableRow.Print(
            $"{many:N0} orchestrations of {activities} activities at once on the engine alone: seconds, activities a second; {few:N0} of them; memory afterwards",
            string.Create(CultureInfo.InvariantCulture, $"{large.Seconds:F1} s, {large.PerSecond:F0}; {small.Seconds:F1} s, {small.PerSecond:F0}; {large.ManagedMb:F0} MB managed, {large.ResidentMb:F0} MB resident"),
            "./tpo bench scale instances");
        return
        [
            // The exponent of time against size, as in `bench engine`.
            new("instances_slope", Math.Log(large.Seconds / small.Seconds) / Math.Log((double)many / few), '<', 1.15),
            new("instances_managed_mb", large.ManagedMb, '<', 400),
        ];
    }
}
