using Tpo.Cli.Verbs;
using static Tpo.Cli.Benches.Samples;

namespace Tpo.Cli.Benches.Preference;

/// <summary>
/// Preference training of bench-100m (vocabulary 32,768; 32 frames of 20 tokens, 30 of prompt, answers of 40 and 40) against the public trainers' way in PyTorch
/// on the same libtorch, without and with gradient checkpointing. Processes of their own with one thread each, in turns, a pair at a time; losses and every
/// tensor's gradient are compared first.
/// </summary>
internal static class PreferenceBench
{
    public static readonly string[] Parts = ["lora", "full", "tricks"];

    private const int Rank = 16, Rounds = 5, Pairs = 2;
    private const double LossTolerance = 1e-3, GradientTolerance = 1e-4;

    public static async Task<IReadOnlyList<Figure>> MeasureAsync(string? part, CancellationToken cancellation)
    {
        if (!await LineProcess.PyTorchIsHereAsync(cancellation))
            throw new CliFailure($"The bench was not run: {LineProcess.NoPyTorch}");
        var folder = Path.Combine(Surroundings.Home, "bench", "dpo");
        Directory.CreateDirectory(folder);
        await Job.RunAsync(["bench-dpo", folder, "--tokenizer", ShippedModel.Folder], cancellation);
        var figures = new List<Figure>();
        if (part is null or "lora")
            figures.AddRange(Figures("lora", await CompareAsync(folder, Rank, cancellation), epoch: 2.8, step: 3.5, memory: 0.3, checkpointed: 0.7));
        if (part is null or "full")
            figures.AddRange(Figures("full", await CompareAsync(folder, 0, cancellation), epoch: 2.3, step: 3, memory: 0.5, checkpointed: 0.75));
        if (part is null or "tricks")
            await Tricks.MeasureAsync(folder, Rank, cancellation);
        return figures;
    }

    /// <summary>Rounds of one pair each, after one that warms; both baselines and ours take turns at going first.</summary>
    private static async Task<Comparison> CompareAsync(string folder, int rank, CancellationToken cancellation)
    {
        await using var ours = Trainer.Ours(folder, rank);
        await using var plain = Trainer.PyTorch(folder, rank, Pairs, checkpointed: false);
        await using var thrifty = Trainer.PyTorch(folder, rank, Pairs, checkpointed: true);
        await CompareGradientsAsync(ours, plain, Path.Combine(folder, $"gradients-{rank}.safetensors"), cancellation);

        var rounds = new List<Round>();
        for (var number = 0; number <= Rounds; number++)
        {
            var pair = number % Pairs;
            Func<Task<Round>>[] order = number % 2 == 0
                ? [() => OursAsync(ours, pair, cancellation), async () => await TheirsAsync(plain, thrifty, pair, cancellation)]
                : [async () => await TheirsAsync(plain, thrifty, pair, cancellation), () => OursAsync(ours, pair, cancellation)];
            var (first, second) = (await order[0](), await order[1]());
            var round = first.And(second);
            if (!(Math.Abs(round.OwnLoss - round.PlainLoss) <= LossTolerance) || !(Math.Abs(round.PlainLoss - round.ThriftyLoss) <= LossTolerance))
                throw new CliFailure($"They do not compute the same: losses {round.OwnLoss}, {round.PlainLoss}, {round.ThriftyLoss}. The times would say nothing.");
            Console.WriteLine($"{(number == 0 ? "warming" : $"round {number} of {Rounds}")}: {round}");
            if (number > 0)
                rounds.Add(round);
        }
        return new Comparison(rounds, await ours.PeakMbAsync(cancellation), await plain.PeakMbAsync(cancellation), await thrifty.PeakMbAsync(cancellation));
    }

    private static async Task CompareGradientsAsync(Trainer ours, Trainer plain, string file, CancellationToken cancellation)
    {
        for (var pair = 0; pair < Pairs; pair++)
        {
            await ours.LookAsync(pair, cancellation);
            await ours.ScoreAsync(pair, cancellation);
        }
        var count = (await plain.GradientsAsync(file, cancellation))[1];
        var found = await ours.GradientsAsync(file, cancellation);
        Console.WriteLine($"gradients of {count} tensors: greatest difference {found[1]} of the norm, of {found[2]}");
        if (!(LineProcess.Number(found[1]) <= GradientTolerance))
            throw new CliFailure($"The gradients are not the same: {found[2]} differs by {found[1]}, more than {GradientTolerance:G1}. The times would say nothing.");
        File.Delete(file);
    }

    private static async Task<Round> OursAsync(Trainer ours, int pair, CancellationToken cancellation)
    {
        var (look, score) = (await ours.LookAsync(pair, cancellation), await ours.ScoreAsync(pair, cancellation));
        var step = await ours.StepAsync(pair, cancellation);
        return new Round { Look = look, Score = score, Own = step.Seconds, OwnLoss = step.Loss };
    }

    private static async Task<Round> TheirsAsync(Trainer plain, Trainer thrifty, int pair, CancellationToken cancellation)
    {
        var (a, b) = (await plain.StepAsync(pair, cancellation), await thrifty.StepAsync(pair, cancellation));
        return new Round { Plain = a.Seconds, PlainLoss = a.Loss, Thrifty = b.Seconds, ThriftyLoss = b.Loss };
    }

    private static IEnumerable<Figure> Figures(string name, Comparison found, double epoch, double step, double memory, double checkpointed)
    {
        Console.WriteLine($"{name}: ours look {Spread(found.Rounds.Select(r => r.Look), "F2")} s, score {Spread(found.Rounds.Select(r => r.Score), "F2")} s, step {Spread(found.Rounds.Select(r => r.Own), "F2")} s, {found.OwnMb:F0} MB; "
            + $"PyTorch {Spread(found.Rounds.Select(r => r.Plain), "F2")} s, {found.PlainMb:F0} MB; checkpointed {Spread(found.Rounds.Select(r => r.Thrifty), "F2")} s, {found.ThriftyMb:F0} MB");
        Console.WriteLine($"{name}: epoch {Spread(found.Rounds.Select(r => r.Best / r.Whole), "F2")} times, steady step {Spread(found.Rounds.Select(r => r.Best / r.Own), "F2")} times");
        return
        [
            new($"{name}_epoch_speedup", Median(found.Rounds.Select(r => r.Best / r.Whole)), '>', epoch),
            new($"{name}_step_speedup", Median(found.Rounds.Select(r => r.Best / r.Own)), '>', step),
            new($"{name}_memory", found.OwnMb / found.PlainMb, '<', memory),
            new($"{name}_memory_vs_checkpointed", found.OwnMb / found.ThriftyMb, '<', checkpointed),
        ];
    }

    private sealed record Comparison(IReadOnlyList<Round> Rounds, double OwnMb, double PlainMb, double ThriftyMb);

    /// <summary>Seconds of one pair: what ours does once a pair, its step, and the step of both baselines.</summary>
    private sealed record Round
    {
        public double Look { get; init; }
        public double Score { get; init; }
        public double Own { get; init; }
        public double OwnLoss { get; init; }
        public double Plain { get; init; }
        public double PlainLoss { get; init; }
        public double Thrifty { get; init; }
        public double ThriftyLoss { get; init; }

        /// <summary>A pair's first epoch.</summary>
        public double Whole => Look + Score + Own;

        /// <summary>The stronger baseline.</summary>
        public double Best => Math.Min(Plain, Thrifty);

        public Round And(Round other) => Own > 0
            ? this with { Plain = other.Plain, PlainLoss = other.PlainLoss, Thrifty = other.Thrifty, ThriftyLoss = other.ThriftyLoss }
            : other.And(this);

        public override string ToString() => $"ours {Look:F2} + {Score:F2} + {Own:F2} s, PyTorch {Plain:F2} s, checkpointed {Thrifty:F2} s, loss {OwnLoss:F5}";
    }
}
