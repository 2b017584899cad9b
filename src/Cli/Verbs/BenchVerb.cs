using System.CommandLine;
using System.Globalization;
using Tpo.Cli.Benches;
using Tpo.Cli.Benches.Frames;
using Tpo.Cli.Benches.Preference;
using Tpo.Cli.Benches.Scale;
using Tpo.Cli.Benches.Serving;

namespace Tpo.Cli.Verbs;

/// <summary>`bench [NAME [PART]]`: measures; every figure ends as one plain line that a script can read.</summary>
internal static class BenchVerb
{
    private static readonly IReadOnlyDictionary<string, Bench> Benches = new Dictionary<string, Bench>
    {
        ["dpo"] = new(PreferenceBench.MeasureAsync, [.. PreferenceBench.Parts]),
        ["engine"] = new((_, cancellation) => Engine.MeasureAsync(cancellation)),
        ["frames"] = new(FrameBench.MeasureAsync, [.. FrameBench.Parts]),
        ["pixels"] = new((_, cancellation) => PixelPaths.MeasureAsync(cancellation)),
        ["scale"] = new(ScaleBench.MeasureAsync, [.. ScaleBench.Parts]),
        ["serving"] = new(ServingBench.MeasureAsync, [.. ServingBench.Parts]),
        ["tokenizer"] = new((_, cancellation) => TokenizerSpeed.MeasureAsync(cancellation)),
        ["torch"] = new((_, cancellation) => Torch.MeasureAsync(cancellation)),
    };

    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = $"one of: {string.Join(", ", Benches.Keys)} (all where absent)", Arity = ArgumentArity.ZeroOrOne };
        var part = new Argument<string?>("PART") { Description = string.Join("; ", Benches.Where(bench => bench.Value.Parts.Length > 0).Select(bench => $"of {bench.Key}: {string.Join(", ", bench.Value.Parts)}")), Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("bench", "Measure; the exit code is 0 also where a figure is short of its goal.") { name, part };
        command.SetAction(async (parse, cancellation) =>
        {
            var wanted = parse.GetValue(name);
            if (wanted is not null && !Benches.ContainsKey(wanted))
                throw new CliFailure($"There is no bench '{wanted}'; there are: {string.Join(", ", Benches.Keys)}.");
            var wantedPart = parse.GetValue(part);
            if (wantedPart is not null && !Benches[wanted!].Parts.Contains(wantedPart))
                throw new CliFailure($"The bench '{wanted}' has no part '{wantedPart}'; it has: {string.Join(", ", Benches[wanted!].Parts.DefaultIfEmpty("none"))}.");
            foreach (var (bench, measured) in Benches.Where(bench => wanted is null || bench.Key == wanted))
            {
                try
                {
                    var figures = await measured.MeasureAsync(wantedPart, cancellation);
                    foreach (var figure in figures)
                        Console.WriteLine(figure.Line(bench));
                }
                catch (CliFailure failure) when (wanted is null)
                {
                    // One that this machine cannot run does not keep the others from running.
                    Console.Error.WriteLine($"bench {bench} was not run: {failure.Message}");
                }
            }
            return 0;
        });
        return command;
    }

    /// <param name="MeasureAsync">of one part, or of all where it is null</param>
    private sealed record Bench(Func<string?, CancellationToken, Task<IReadOnlyList<Figure>>> MeasureAsync, params string[] Parts);
}

/// <summary>One measured number against its goal: `bench NAME FIGURE=NUMBER goal=OPNUMBER ok|short`.</summary>
internal sealed record Figure(string Name, double Value, char Operator, double Goal)
{
    private bool Ok => Operator == '<' ? Value <= Goal : Value >= Goal;

    public string Line(string bench) => string.Create(CultureInfo.InvariantCulture,
        $"bench {bench} {Name}={Value:0.###} goal={(Operator == '<' ? "<=" : ">=")}{Goal:0.###} {(Ok ? "ok" : "short")}");
}
