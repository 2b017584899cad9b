using System.CommandLine;
using System.Text.Json;
using Spectre.Console;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Cli.Verbs;

/// <summary>`benchmark`: compares a candidate with its baseline on one suite or several, by HTTP, and prints the rows.</summary>
internal static class BenchmarkVerb
{
    private const int Regressed = 4;

    private static readonly Option<string[]> Suite = new("--suite") { Description = "suite in the `benchmarks` container; several: give it several times", DefaultValueFactory = _ => ["demo"] };
    private static readonly Option<string> Baseline = new("--base") { Description = "baseline model (`latest` = the promoted one)", DefaultValueFactory = _ => "tpo-nano" };
    private static readonly Option<string> Tuned = new("--tuned") { Description = "candidate model (`newest` = the one registered last, `endpoint` = the one behind Tpo__Models__Benchmark__Endpoint)", DefaultValueFactory = _ => "newest" };
    private static readonly Option<string?> Protocol = new("--protocol") { Description = "how it is asked and scored: a part of the protocol's name (benchmark inspect lists them)" };
    private static readonly Option<int?> Limit = new("--limit") { Description = "only the first so many questions" };
    private static readonly Option<string?> Shard = new("--shard") { Description = "only a part of the videos: 2/5 = the second of five" };
    private static readonly Option<bool> TextOnly = new("--text-only") { Description = "ask both models without the videos too" };
    private static readonly Option<bool> PredictOnly = new("--predict-only") { Description = "ask and store, score nothing (./tpo benchmark score RUN does it later)" };
    private static readonly Option<DirectoryInfo?> LogSamples = new("--log-samples") { Description = "folder for both models' answers as JSON lines, in lmms-eval's shape" };
    private static readonly Option<bool> Gated = new("--gate")
    {
        Description = $"decide over all suites together: `latest` moves to a candidate that passes against it; exit with code {Regressed} where it is worse",
    };

    public static Command Create()
    {
        var command = new Command("benchmark", "Compare a tuned model with its base on benchmark suites.")
        {
            Suite, Baseline, Tuned, Protocol, Limit, Shard, TextOnly, PredictOnly, LogSamples, Gated, BenchmarkInspectVerb.Create(), Score(),
        };
        command.SetAction(async (parse, cancellation) =>
        {
            using var api = ApiClient.FromSurroundings();
            var suites = parse.GetRequiredValue(Suite).Distinct().ToArray();
            var request = new BenchmarkRequest
            {
                Suite = suites[0], Suites = suites.Length > 1 ? suites : null, Models = [parse.GetRequiredValue(Baseline), parse.GetRequiredValue(Tuned)],
                Protocol = parse.GetValue(Protocol), Limit = parse.GetValue(Limit), Shard = parse.GetValue(Shard), TextOnly = parse.GetValue(TextOnly),
                PredictOnly = parse.GetValue(PredictOnly), Gate = parse.GetValue(Gated),
            };
            var (runs, group) = suites.Length > 1 ? await BenchmarkProgress.FollowGroupAsync(api, request, cancellation) : ([await BenchmarkProgress.FollowAsync(api, request, cancellation)], null);
            if (parse.GetValue(LogSamples) is { } folder)
                foreach (var run in runs.Where(run => run.Result is not null))
                    await WriteSamplesAsync(api, run, folder.FullName, cancellation);
            return request.Gate ? await DecideAsync(api, group ?? runs[0].GateGroup!, cancellation) : 0;
        });
        return command;
    }

    private static Command Score()
    {
        var run = new Argument<string>("RUN") { Description = "a run that has all its answers" };
        var command = new Command("score", "Score a run's stored answers (again): a predict-only run's, or by a newer parser. Asks no model but the judge.") { run };
        command.SetAction(async (parse, cancellation) =>
        {
            using var api = ApiClient.FromSurroundings();
            BenchmarkProgress.Print([await api.PostAsync<BenchmarkRun>($"/api/benchmarks/{parse.GetRequiredValue(run)}/score", cancellation)]);
            return 0;
        });
        return command;
    }

    private static async Task WriteSamplesAsync(ApiClient api, BenchmarkRun run, string folder, CancellationToken cancellation)
    {
        Directory.CreateDirectory(folder);
        foreach (var model in run.Models)
        {
            var (address, file) = ($"/api/benchmarks/{run.RunId}/lmms-eval/{model}", Path.Combine(folder, $"{model}_samples_{run.Suite}.jsonl"));
            var task = (await api.GetAsync<JsonElement>($"{address}/results.json", cancellation)).GetProperty("results").EnumerateObject().First().Name;
            await File.WriteAllTextAsync(file, await api.GetTextAsync($"{address}/samples_{task}.jsonl", cancellation), cancellation);
            AnsiConsole.MarkupLineInterpolated($"samples {file}");
        }
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
}
