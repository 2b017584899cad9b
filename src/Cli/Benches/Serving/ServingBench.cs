using Tpo.Cli.Verbs;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches.Serving;

/// <summary>
/// Questions about one video of 32 frames, one thread. Cost of ten against one and of a follow-up against no reuse, timed from decoded frames
/// (what ffmpeg adds is printed); generated tokens against eager PyTorch and against the memory's speed; peak memory; export.
/// </summary>
internal static class ServingBench
{
    private static readonly IReadOnlyDictionary<string, Func<BenchVideo, CancellationToken, Task<IReadOnlyList<Figure>>>> Each =
        new Dictionary<string, Func<BenchVideo, CancellationToken, Task<IReadOnlyList<Figure>>>>
        {
            ["100m"] = LargeAsync,
            ["small"] = (video, cancellation) => QuestionsOnlyAsync(ServedModel.Small, video, cancellation),
            ["nano"] = (video, cancellation) => QuestionsOnlyAsync(ServedModel.Nano, video, cancellation),
            ["tokens"] = TokensAsync,
            ["memory"] = MemoryAsync,
        };

    public static IEnumerable<string> Parts => Each.Keys;

    /// <summary>A finding as it can stand in docs/figures.md.</summary>
    public static void Row(string what, string value) => TableRow.Print(what, value, "./tpo bench serving");

    /// <param name="part">one of <see cref="Parts"/>, or null for all</param>
    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string? part, CancellationToken cancellation)
    {
        Console.WriteLine($"load of the machine before: {File.ReadAllText("/proc/loadavg").Split(' ')[0]} on {Environment.ProcessorCount} cores; every number: median (lowest to highest)");
        var video = await BenchVideo.MakeAsync(cancellation);
        var figures = new List<Figure>();
        foreach (var (_, measure) in Each.Where(each => part is null || each.Key == part))
            figures.AddRange(await measure(video, cancellation));
        return figures;
    }

    private static async Task<IReadOnlyList<Figure>> LargeAsync(BenchVideo video, CancellationToken cancellation)
    {
        var model = await ServedModel.PrepareAsync(ServedModel.Large, cancellation);
        using var costs = new QuestionCosts(model);
        var (choice, open) = await costs.MeasureAsync(video, cancellation);
        return
        [
            new("ten_questions_vs_one", Median(choice.TenVsOne), '<', 1.4), new("followup_speedup", Median(choice.SpeedUp), '>', 20),
            new("ten_open_vs_one", Median(open.TenVsOne), '<', 1.7), new("open_followup_speedup", Median(open.SpeedUp), '>', 12),
            new("export_seconds", model.ExportSeconds, '<', 10), new("export_bytes", model.ExportBytes, '<', 1e6),
        ];
    }

    private static async Task<IReadOnlyList<Figure>> QuestionsOnlyAsync(string name, BenchVideo video, CancellationToken cancellation)
    {
        using var costs = new QuestionCosts(await ServedModel.PrepareAsync(name, cancellation));
        await costs.MeasureAsync(video, cancellation);
        return [];
    }

    private static async Task<IReadOnlyList<Figure>> TokensAsync(BenchVideo video, CancellationToken cancellation)
    {
        if (!await LineProcess.PyTorchIsHereAsync(cancellation))
        {
            Console.Error.WriteLine($"Generated tokens were not measured: {LineProcess.NoPyTorch}");
            return [];
        }
        var nano = await TokenSpeed.MeasureAsync(await ServedModel.PrepareAsync(ServedModel.Nano, cancellation), video, tokens: 128, cancellation);
        var large = await TokenSpeed.MeasureAsync(await ServedModel.PrepareAsync(ServedModel.Large, cancellation), video, tokens: 32, cancellation);
        return
        [
            new("tokens_vs_pytorch_nano", Median(nano.Ratio), '>', 1.5), new("tokens_vs_pytorch_100m", Median(large.Ratio), '>', 1.1),
            new("decode_bandwidth_share", Median(large.BandwidthShare), '>', 0.5),
        ];
    }

    private static async Task<IReadOnlyList<Figure>> MemoryAsync(BenchVideo video, CancellationToken cancellation) =>
        [new("memory_vs_weights_and_cache", await AnswerMemory.MeasureAsync(await ServedModel.PrepareAsync(ServedModel.Large, cancellation), cancellation), '<', 1.3)];
}
