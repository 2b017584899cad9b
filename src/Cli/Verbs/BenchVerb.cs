using System.CommandLine;
using System.Globalization;
using Tpo.Cli.Benches;

namespace Tpo.Cli.Verbs;

/// <summary>`bench [NAME]`: measures; every figure ends as one plain line that a script can read.</summary>
internal static class BenchVerb
{
    private static readonly IReadOnlyDictionary<string, Func<CancellationToken, Task<IReadOnlyList<Figure>>>> Benches =
        new Dictionary<string, Func<CancellationToken, Task<IReadOnlyList<Figure>>>>
        {
            ["engine"] = Engine.MeasureAsync,
            ["serving-nano"] = ServingNano.MeasureAsync,
            ["tokenizer"] = TokenizerSpeed.MeasureAsync,
            ["torch"] = Torch.MeasureAsync,
        };

    public static Command Create()
    {
        var name = new Argument<string?>("NAME") { Description = $"one of: {string.Join(", ", Benches.Keys)} (all where absent)", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("bench", "Measure; the exit code is 0 also where a figure is short of its goal.") { name };
        command.SetAction(async (parse, cancellation) =>
        {
            var wanted = parse.GetValue(name);
            if (wanted is not null && !Benches.ContainsKey(wanted))
                throw new CliFailure($"There is no bench '{wanted}'; there are: {string.Join(", ", Benches.Keys)}.");
            foreach (var (bench, measure) in Benches.Where(bench => wanted is null || bench.Key == wanted))
            {
                try
                {
                    var figures = await measure(cancellation);
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
}

/// <summary>One measured number against its goal: `bench NAME FIGURE=NUMBER goal=OPNUMBER ok|short`.</summary>
internal sealed record Figure(string Name, double Value, char Operator, double Goal)
{
    private bool Ok => Operator == '<' ? Value <= Goal : Value >= Goal;

    public string Line(string bench) => string.Create(CultureInfo.InvariantCulture,
        $"bench {bench} {Name}={Value:0.###} goal={(Operator == '<' ? "<=" : ">=")}{Goal:0.###} {(Ok ? "ok" : "short")}");
}
