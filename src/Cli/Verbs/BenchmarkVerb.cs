using System.CommandLine;
using Spectre.Console;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Cli.Verbs;

/// <summary>`benchmark`: compares a candidate with its baseline on a suite, by HTTP, and prints the row.</summary>
internal static class BenchmarkVerb
{
    private const int Regressed = 4;

    public static Command Create()
    {
        var suite = new Option<string[]>("--suite") { Description = "suite in the `benchmarks` container; several: give it several times", DefaultValueFactory = _ => ["demo"] };
        var baseline = new Option<string>("--base") { Description = "baseline model (`latest` = the promoted one)", DefaultValueFactory = _ => "tpo-nano" };
        var tuned = new Option<string>("--tuned") { Description = "candidate model (`newest` = the one registered last)", DefaultValueFactory = _ => "newest" };
        var limit = new Option<int?>("--limit") { Description = "only the first so many questions" };
        var textOnly = new Option<bool>("--text-only") { Description = "ask both models without the videos too" };
        var gate = new Option<bool>("--gate")
        {
            Description = $"decide over all suites together: `latest` moves to a candidate that passes against it; exit with code {Regressed} where it is worse",
        };
        var command = new Command("benchmark", "Compare a tuned model with its base on a benchmark suite.") { suite, baseline, tuned, limit, textOnly, gate, BenchmarkInspectVerb.Create() };
        command.SetAction(async (parse, cancellation) =>
        {
            using var api = ApiClient.FromSurroundings();
            var (suites, gated) = (parse.GetRequiredValue(suite).Distinct().ToArray(), parse.GetValue(gate));
            var group = gated ? $"gate-{Guid.NewGuid().ToString("N")[..12]}" : null;
            foreach (var one in suites)
            {
                var run = await RunAsync(api, new BenchmarkRequest
                {
                    Suite = one, Models = [parse.GetRequiredValue(baseline), parse.GetRequiredValue(tuned)], Limit = parse.GetValue(limit),
                    TextOnly = parse.GetValue(textOnly), Gate = gated, GateGroup = group, GateSuites = gated ? suites : null,
                }, cancellation);
                AnsiConsole.MarkupLineInterpolated($"report {Surroundings.Url}api/benchmarks/{run.RunId}/report");
            }
            return group is null ? 0 : await DecideAsync(api, group, cancellation);
        });
        return command;
    }

    /// <summary>Prints the gate's word. The last run's end is seen a moment before the gate has decided.</summary>
    private static async Task<int> DecideAsync(ApiClient api, string group, CancellationToken cancellation)
    {
        GateRecord? record = null;
        for (var attempt = 0; attempt < 120 && record is null; attempt++)
        {
            record = await api.TryGetAsync<GateRecord>($"/api/gates/{group}", cancellation);
            if (record is null)
                await Task.Delay(500, cancellation);
        }
        if (record is null)
            throw new CliFailure($"The gate {group} has not decided a minute after its last run: see ./tpo logs.");
        foreach (var one in record.Decision?.Suites.Count > 1 ? record.Decision.Suites : [])
            AnsiConsole.MarkupLineInterpolated($"gate   {one.Suite}: {one.Gate} (Holm-adjusted p {one.P:0.000})");
        AnsiConsole.MarkupLineInterpolated($"gate   {record.Sentence}");
        return ExitCode(record);
    }

    /// <summary>For scripts: 0 where nothing speaks against the candidate, 4 on a regression, 1 where nothing could be decided.</summary>
    private static int ExitCode(GateRecord record) => record.Decision is not { } decision ? 1 : decision.Gate == Gate.Regressed ? Regressed : 0;

    /// <summary>Starts the run, shows its progress, prints its row; a run that does not succeed is a failure with its reason.</summary>
    public static async Task<BenchmarkRun> RunAsync(ApiClient api, BenchmarkRequest request, CancellationToken cancellation)
    {
        var location = await api.StartAsync("/api/benchmarks", request, cancellation);
        AnsiConsole.MarkupLineInterpolated($"benchmark {location}");
        var run = await AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("benchmark", maxValue: 1);
            while (true)
            {
                var seen = await api.GetAsync<BenchmarkRun>(location, cancellation);
                task.Description = seen.Status.ToString();
                (task.MaxValue, task.Value) = (Math.Max(1, seen.Total), seen.Done);
                if (seen.IsFinal)
                    return seen;
                await Task.Delay(500, cancellation);
            }
        });
        if (run.Result is not { } result)
            throw new CliFailure($"The benchmark run {run.RunId} failed: {run.Failure}");
        Print(run, result);
        return run;
    }

    private static void Print(BenchmarkRun run, BenchmarkResult result)
    {
        var table = new Table().AddColumns("suite", "questions", "videos", "base", "tuned", "difference", "95 % interval", "p", "gate", "errors");
        table.AddRow(
            run.Suite, $"{result.Questions}", $"{result.Videos}", $"{result.Base.Accuracy:P1}", $"{result.Tuned.Accuracy:P1}",
            $"{100 * result.Difference.Mean:+0.0;-0.0;0.0}", $"{100 * result.Difference.Low:+0.0;-0.0;0.0} to {100 * result.Difference.High:+0.0;-0.0;0.0}",
            $"{result.Difference.P:0.00}", result.Gate, $"{result.Errors}");
        AnsiConsole.Write(table);
    }
}
