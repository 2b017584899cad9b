using System.Diagnostics;
using Azure.Storage.Blobs.Specialized;
using Tpo.Cli.Verbs;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches;

/// <summary>
/// The durable engine over a real storage emulator, with activities that do nothing. Anchors: the official Azure Storage backend does about
/// 5 sequential and 100 fan-out activities a second on a small instance.
/// </summary>
internal static class Engine
{
    private const int Runs = 7;
    private const int Sequential = 200, FanOut = 5_000, Orchestrations = 1_000;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellation)
    {
        await using var load = await EngineLoad.StartAsync(cancellation);
        foreach (var warm in new[] { "sequential?n=20", "fanout?n=1000", "orchestrations?n=200" }) await load.MeasureAsync(warm, cancellation);
        await BareAppendsAsync(load, 50, cancellation);

        // Alternating, so that a machine that slows down slows all.
        List<double> sequential = [], fanOut = [], orchestrations = [], ratio = [], bare = [];
        for (var run = 0; run < Runs; run++)
        {
            // Each activity must be durable before it runs, and so must the end: that many appends no engine can do without.
            var appends = await BareAppendsAsync(load, Sequential + 1, cancellation);
            var chain = await load.MeasureAsync($"sequential?n={Sequential}", cancellation);
            bare.Add((Sequential + 1) / appends);
            ratio.Add(chain.Seconds / appends);
            sequential.Add(chain.PerSecond);
            fanOut.Add((await load.MeasureAsync($"fanout?n={FanOut}&window=200", cancellation)).PerSecond);
            orchestrations.Add((await load.MeasureAsync($"orchestrations?n={Orchestrations}", cancellation)).PerSecond);
        }
        Console.WriteLine($"bare appends a second: {Spread(bare)}");
        Console.WriteLine($"sequential activities a second: {Spread(sequential)}; fan-out: {Spread(fanOut)}; orchestrations: {Spread(orchestrations)}");
        Console.WriteLine($"time of {Sequential} sequential activities over that of the {Sequential + 1} appends they need: {Spread(ratio)}; {Runs} runs each");
        return
        [
            new("sequential_per_s", Median(sequential), '>', 50),
            new("fanout_per_s", Median(fanOut), '>', 1_000),
            new("orchestrations_per_s", Median(orchestrations), '>', 100),
            new("engine_vs_azurite", Median(ratio), '<', 1.5),
            .. await SizesAsync(load, cancellation),
        ];
    }

    private static async Task<IReadOnlyList<Figure>> SizesAsync(EngineLoad load, CancellationToken cancellation)
    {
        var fanOut = await SlopeAsync(load, "fanout activities", [2_500, 5_000, 10_000, 20_000], n => $"fanout?n={n}&window=200&bytes=2000", cancellation);
        var together = await SlopeAsync(load, "orchestrations at once", [50, 100, 200, 400], n => $"together?instances={n}&n=25&window=5&bytes=2000", cancellation);
        var chain = await SlopeAsync(load, "sequential activities", [250, 500, 1_000, 2_000], n => $"sequential?n={n}&bytes=2000", cancellation);
        return
        [
            new("fanout_slope", fanOut.Slope, '<', 1.15),
            new("together_slope", together.Slope, '<', 1.15),
            new("sequential_slope", chain.Slope, '<', 1.15),
            new("managed_mb", new[] { fanOut.ManagedMb, together.ManagedMb, chain.ManagedMb }.Max(), '<', 400),
        ];
    }

    /// <summary>The exponent of time against size: least squares on logarithms, each size at the best of three runs.</summary>
    private static async Task<(double Slope, double ManagedMb)> SlopeAsync(
        EngineLoad load, string what, int[] sizes, Func<int, string> request, CancellationToken cancellation)
    {
        var best = sizes.ToDictionary(size => size, _ => double.MaxValue);
        EngineLoad.Measurement last = null!;
        for (var run = 0; run < 3; run++)
            foreach (var size in sizes)
            {
                last = await load.MeasureAsync(request(size), cancellation);
                best[size] = Math.Min(best[size], last.Seconds);
            }
        double[] x = [.. sizes.Select(size => Math.Log(size))], y = [.. sizes.Select(size => Math.Log(best[size]))];
        var (meanX, meanY) = (x.Average(), y.Average());
        var slope = x.Zip(y, (a, b) => (a - meanX) * (b - meanY)).Sum() / x.Sum(a => (a - meanX) * (a - meanX));
        Console.WriteLine($"{what}: {string.Join(", ", sizes.Select(size => $"{size} in {best[size]:F2} s"))}; slope {slope:F2}; "
            + $"then {last.ManagedMb:F0} MB managed, {last.ResidentMb:F0} MB resident");
        return (slope, last.ManagedMb);
    }

    /// <summary>Seconds for that many appends of the size of an engine's block, one after the other, to a blob of their own.</summary>
    private static async Task<double> BareAppendsAsync(EngineLoad load, int count, CancellationToken cancellation)
    {
        var container = load.Storage.GetBlobContainerClient("bare-appends");
        await container.CreateIfNotExistsAsync(cancellationToken: cancellation);
        var blob = container.GetAppendBlobClient(Guid.NewGuid().ToString("N"));
        await blob.CreateAsync(cancellationToken: cancellation);
        var block = new byte[400];
        var clock = Stopwatch.StartNew();
        for (var i = 0; i < count; i++) await blob.AppendBlockAsync(new MemoryStream(block), cancellationToken: cancellation);
        return clock.Elapsed.TotalSeconds;
    }
}
