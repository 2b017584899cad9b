using Spectre.Console;
using Tpo.Shared.Benchmarks;

namespace Tpo.Cli.Verbs;

/// <summary>Starts benchmark runs by HTTP, shows how far they are, prints their rows.</summary>
internal static class BenchmarkProgress
{
    /// <summary>One suite; a run that does not succeed is a failure with its reason.</summary>
    public static async Task<BenchmarkRun> FollowAsync(ApiClient api, BenchmarkRequest request, CancellationToken cancellation)
    {
        var location = await api.StartAsync("/api/benchmarks", request, cancellation);
        AnsiConsole.MarkupLineInterpolated($"benchmark {location}");
        var run = await WatchAsync(
            () => api.GetAsync<BenchmarkRun>(location, cancellation), seen => (seen.Status.ToString(), seen.Done, seen.Total, seen.IsFinal), cancellation);
        if (run.Status == BenchmarkStatus.Failed)
            throw new CliFailure($"The benchmark run {run.RunId} failed: {run.Failure}");
        Print([run]);
        if (run.Result is not null)
            AnsiConsole.MarkupLineInterpolated($"report {Surroundings.Url}api/benchmarks/{run.RunId}/report");
        return run;
    }

    /// <summary>Several suites by one request; a suite that fails is told of, the others' rows are printed.</summary>
    public static async Task<(IReadOnlyList<BenchmarkRun> Runs, string Group)> FollowGroupAsync(ApiClient api, BenchmarkRequest request, CancellationToken cancellation)
    {
        var location = await api.StartAsync("/api/benchmarks", request, cancellation);
        AnsiConsole.MarkupLineInterpolated($"benchmarks {location}");
        var group = await WatchAsync(
            () => api.GetAsync<BenchmarkGroup>(location, cancellation),
            seen => ($"{seen.Runs.Count(run => run.IsFinal)} of {request.Suites!.Count} suites", seen.Done, seen.Total, seen.Status is BenchmarkStatus.Succeeded or BenchmarkStatus.Failed),
            cancellation);
        Print(group.Runs);
        foreach (var run in group.Runs.Where(run => run.Status == BenchmarkStatus.Failed))
            AnsiConsole.MarkupLineInterpolated($"[red]{run.Suite} failed[/]: {run.Failure}");
        AnsiConsole.MarkupLineInterpolated($"report {Surroundings.Url}api/benchmark-groups/{group.Group}/report");
        return group.Status == BenchmarkStatus.Failed && !request.Gate ? throw new CliFailure("Not every suite was benchmarked.") : (group.Runs, group.Group);
    }

    public static void Print(IReadOnlyList<BenchmarkRun> runs)
    {
        var table = new Table().AddColumns("suite", "items", "videos", "base", "tuned", "difference", "95 % interval", "p", "gate", "errors");
        foreach (var run in runs)
            if (run.Result is { } result)
                table.AddRow(
                    run.Suite, $"{result.Questions}", $"{result.Videos}", $"{result.Base.Accuracy:P1}", $"{result.Tuned.Accuracy:P1}",
                    $"{100 * result.Difference.Mean:+0.0;-0.0;0.0}", $"{100 * result.Difference.Low:+0.0;-0.0;0.0} to {100 * result.Difference.High:+0.0;-0.0;0.0}",
                    $"{result.Difference.P:0.00}", result.Gate, $"{result.Errors}");
        if (table.Rows.Count > 0)
            AnsiConsole.Write(table);
        foreach (var run in runs.Where(run => run is { Status: BenchmarkStatus.Succeeded, Result: null }))
            AnsiConsole.MarkupLineInterpolated($"{run.Suite}: asked and stored, not scored; ./tpo benchmark score {run.RunId} scores it");
    }

    private static Task<T> WatchAsync<T>(Func<Task<T>> look, Func<T, (string Text, int Done, int Total, bool IsFinal)> state, CancellationToken cancellation) =>
        AnsiConsole.Progress().StartAsync(async progress =>
        {
            var task = progress.AddTask("benchmark", maxValue: 1);
            while (true)
            {
                var seen = await look();
                var (text, done, total, isFinal) = state(seen);
                task.Description = text;
                (task.MaxValue, task.Value) = (Math.Max(1, total), done);
                if (isFinal)
                    return seen;
                await Task.Delay(500, cancellation);
            }
        });
}
