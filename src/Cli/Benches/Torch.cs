using System.Text.Json;
using Tpo.Cli.Verbs;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches;

/// <summary>
/// One training step in C# against the same step in Debian's PyTorch, which is built on the same libtorch. Both run as processes of their own,
/// with one thread, and take turns step by step, so that a machine that slows down slows both.
/// </summary>
internal static class Torch
{
    private const int Repeats = 7;
    private const int WarmSteps = 2, MeasuredSteps = 6;
    private const int Batch = 4, Length = 256;
    private const double LossTolerance = 1e-4;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(CancellationToken cancellation)
    {
        if (!await LineProcess.PyTorchIsHereAsync(cancellation))
            throw new CliFailure($"The bench was not run: {LineProcess.NoPyTorch}");
        var folder = Directory.CreateTempSubdirectory("tpo-bench-");
        try
        {
            await Job.RunAsync(["bench-step", folder.FullName], cancellation);
            Console.WriteLine(Shape(Path.Combine(folder.FullName, "config.json")));
            var repeats = new List<Repeat>();
            for (var number = 1; number <= Repeats; number++)
            {
                repeats.Add(await RepeatAsync(folder.FullName, cancellation));
                Console.WriteLine($"run {number} of {Repeats}: {repeats[^1]}");
            }
            return Figures(repeats);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    /// <summary>A fresh process of each; every number is of the measured steps.</summary>
    private static async Task<Repeat> RepeatAsync(string folder, CancellationToken cancellation)
    {
        await using var ours = StepProcess.Job(folder, Batch, Length);
        await using var theirs = StepProcess.PyTorch(folder, Batch, Length);
        List<double> own = [], reference = [];
        double difference = 0;
        for (var step = 0; step < WarmSteps + MeasuredSteps; step++)
        {
            var (a, b) = step % 2 == 0
                ? (await ours.StepAsync(cancellation), await theirs.StepAsync(cancellation))
                : Swap(await theirs.StepAsync(cancellation), await ours.StepAsync(cancellation));
            difference = Math.Max(difference, Math.Abs(a.Loss - b.Loss));
            if (step < WarmSteps) continue;
            own.Add(a.Seconds);
            reference.Add(b.Seconds);
        }
        if (!(difference <= LossTolerance))
            throw new CliFailure($"The two do not compute the same: their losses differ by {difference:G3}, more than {LossTolerance:G1}. The times would say nothing.");
        return new Repeat(own, reference, await ours.PeakMbAsync(cancellation), await theirs.PeakMbAsync(cancellation), difference);
    }

    private static IReadOnlyList<Figure> Figures(IReadOnlyList<Repeat> repeats)
    {
        double[] time = [.. repeats.SelectMany(repeat => repeat.Own.Zip(repeat.Reference, (own, reference) => own / reference))];
        double[] memory = [.. repeats.Select(repeat => repeat.OwnMb / repeat.ReferenceMb)];
        Console.WriteLine($"a step in C#: {Spread(repeats.SelectMany(repeat => repeat.Own), "F3")} s; in PyTorch: {Spread(repeats.SelectMany(repeat => repeat.Reference), "F3")} s; "
            + $"neighbours' ratio: {Spread(time, "F2")}");
        Console.WriteLine($"peak resident memory in C#: {Spread(repeats.Select(repeat => repeat.OwnMb), "F0")} MB; in PyTorch: {Spread(repeats.Select(repeat => repeat.ReferenceMb), "F0")} MB; "
            + $"losses differ by {repeats.Max(repeat => repeat.LossDifference):G2} at most");
        return [new("step_vs_pytorch", Median(time), '<', 1.1), new("memory_vs_pytorch", Median(memory), '<', 1.3)];
    }

    private static string Shape(string configFile)
    {
        using var config = JsonDocument.Parse(File.ReadAllBytes(configFile));
        string Value(string key) => config.RootElement.GetProperty(key).GetRawText();
        return $"decoder of {Value("num_hidden_layers")} layers, d {Value("hidden_size")}, feed-forward {Value("intermediate_size")}, {Value("num_attention_heads")} heads over "
            + $"{Value("num_key_value_heads")}, vocabulary {Value("vocab_size")}; {Batch} rows of {Length} tokens, f32, 1 thread; forward, loss, backward, clip, AdamW; "
            + $"{Repeats} runs of {MeasuredSteps} steps after {WarmSteps}";
    }

    private static (StepProcess.Step, StepProcess.Step) Swap(StepProcess.Step first, StepProcess.Step second) => (second, first);

    private sealed record Repeat(IReadOnlyList<double> Own, IReadOnlyList<double> Reference, double OwnMb, double ReferenceMb, double LossDifference)
    {
        public override string ToString() => $"C# {Spread(Own, "F3")} s, {OwnMb:F0} MB; PyTorch {Spread(Reference, "F3")} s, {ReferenceMb:F0} MB";
    }
}
