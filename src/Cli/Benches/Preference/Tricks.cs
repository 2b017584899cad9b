using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches.Preference;

/// <summary>What each saving is worth: the adapter's step with all of them, and without one at a time.</summary>
internal static class Tricks
{
    private const int Rounds = 5;

    private static readonly (string Way, string Without)[] Ways =
    [
        ("shared", "all of them"),
        ("separate", "no shared prefix: a row for each answer"),
        ("masked", "attention with a mask over all rows, every row through every layer, all kept for the way back"),
        ("full-logits", "every row's logits, every row through the last layer"),
        ("recomputed", "all, and layers computed again on the way back"),
    ];

    public static async Task MeasureAsync(string folder, int rank, CancellationToken cancellation)
    {
        var trainers = Ways.Select(way => Trainer.Ours(folder, rank, way.Way)).ToArray();
        try
        {
            double[][] seconds = [.. Ways.Select(_ => new double[Rounds])];
            double[] looks = new double[Rounds], scores = new double[Rounds];
            for (var round = -1; round < Rounds; round++)
                for (var i = 0; i < trainers.Length; i++)
                {
                    var (look, score) = (await trainers[i].LookAsync(0, cancellation), await trainers[i].ScoreAsync(0, cancellation));
                    var step = await trainers[i].StepAsync(0, cancellation);
                    if (round < 0) continue;
                    seconds[i][round] = step.Seconds;
                    if (i == 0) (looks[round], scores[round]) = (look, score);
                }
            Console.WriteLine("| a step of the adapter | seconds | of the step with all | peak MB |");
            Console.WriteLine("|---|---|---|---|");
            for (var i = 0; i < trainers.Length; i++)
                Row(Ways[i].Without, seconds[i], seconds[0], $"{await trainers[i].PeakMbAsync(cancellation):F0}");
            Row("video features at every step", [.. seconds[0].Zip(looks, (a, b) => a + b)], seconds[0], "");
            Row("reference at every step", [.. seconds[0].Zip(scores, (a, b) => a + b)], seconds[0], "");
        }
        finally
        {
            foreach (var trainer in trainers)
                await trainer.DisposeAsync();
        }
    }

    private static void Row(string what, double[] seconds, double[] all, string memory) =>
        Console.WriteLine($"| {what} | {Spread(seconds, "F2")} | {Spread(seconds.Zip(all, (a, b) => a / b), "F2")} | {memory} |");
}
