using System.CommandLine;
using System.Diagnostics;
using Spectre.Console;
using Tpo.Cli.Demo;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Training;

namespace Tpo.Cli.Verbs;

/// <summary>`demo [FOLDER]`: the whole loop, each step through its real trigger, and what came of it.</summary>
internal static class DemoVerb
{
    public static Command Create()
    {
        var folder = new Argument<string?>("FOLDER") { Description = "your own videos; made ones where absent", Arity = ArgumentArity.ZeroOrOne };
        var command = new Command("demo", "Videos to pairs to a tuned model to a benchmark row, with the network off.") { folder };
        command.SetAction((parse, cancellation) => RunAsync(parse.GetValue(folder), cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string? folder, CancellationToken cancellation)
    {
        var clock = Stopwatch.StartNew();
        using var api = ApiClient.FromSurroundings();

        Title("1. Videos land in storage; curation starts by itself");
        var videos = folder is null ? await DemoMaterial.VideosAsync(cancellation) : folder;
        var uploaded = await UploadVerb.UploadAsync(UploadVerb.Find([videos]), folder is null ? "demo" : "own", cancellation);
        var curation = await DemoCuration.FollowAsync(api, uploaded, cancellation);
        curation.Print();
        if (curation.PairsKept == 0)
            throw new CliFailure("No pair survived the judge, so there is nothing to train on. The judge is not relaxed for a demo: try more or other videos.");

        Title("2. POST /api/training");
        var training = await TrainVerb.RunAsync(api, new TrainingRequest(), cancellation);

        Title("3. POST /api/benchmarks");
        await DemoMaterial.SuiteAsync(cancellation);
        var benchmark = await BenchmarkProgress.FollowAsync(api, new BenchmarkRequest { Suite = DemoMaterial.Suite, Models = ["tpo-nano", training.Run.Result!.ModelId] }, cancellation);
        var report = Path.Combine(Surroundings.Home, "demo", "report.html");
        await File.WriteAllTextAsync(report, await api.GetTextAsync($"/api/benchmarks/{benchmark.RunId}/report", cancellation), cancellation);

        Title("Done");
        AnsiConsole.MarkupLineInterpolated($"the loop took {clock.Elapsed.TotalSeconds:F0} s");
        AnsiConsole.MarkupLineInterpolated($"dashboard  {Surroundings.Url}api/dashboard");
        AnsiConsole.MarkupLineInterpolated($"report     {report}");
        AnsiConsole.MarkupLine("stop it    ./tpo down");
        return 0;
    }

    private static void Title(string text) => AnsiConsole.Write(new Rule(Markup.Escape(text)).LeftJustified());
}
