using System.CommandLine;
using System.Globalization;
using Spectre.Console;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Preferences;
using Tpo.Shared.Training;

namespace Tpo.Cli.Verbs;

/// <summary>`status`: videos, pairs and runs as the API lists them.</summary>
internal static class StatusVerb
{
    public static Command Create()
    {
        var command = new Command("status", "Show videos, pairs and runs.");
        command.SetAction(async (_, cancellation) =>
        {
            using var api = ApiClient.FromSurroundings();
            Print(await api.ListAsync<VideoRecord>("/api/videos", cancellation));
            Print(await api.ListAsync<TrainingRun>("/api/training", cancellation));
            Print(await api.ListAsync<BenchmarkRun>("/api/benchmarks", cancellation));
            return 0;
        });
        return command;
    }

    private static void Print(IReadOnlyList<VideoRecord> videos)
    {
        var table = new Table().Title("videos").AddColumns("video", "status", "segments", "kept", "rejected", "why");
        foreach (var video in videos)
            table.AddRow(Cell(video.BlobName), Cell(video.Status), Cell(video.Segments), Cell(video.Kept), Cell(video.Rejected), Cell(video.Failure ?? video.DuplicateOf));
        AnsiConsole.Write(table);
    }

    private static void Print(IReadOnlyList<TrainingRun> runs)
    {
        var table = new Table().Title("training runs").AddColumns("run", "status", "pairs", "first DPO loss", "last", "model or reason");
        foreach (var run in runs)
            table.AddRow(Cell(run.RunId), Cell(run.Status), Cell(run.Result?.Pairs), Cell(run.Result?.FirstDpoLoss), Cell(run.Result?.LastDpoLoss), Cell(run.Failure ?? run.Stopped ?? run.Result?.ModelId));
        AnsiConsole.Write(table);
    }

    private static void Print(IReadOnlyList<BenchmarkRun> runs)
    {
        var table = new Table().Title("benchmark runs").AddColumns("run", "status", "suite", "base", "tuned", "difference", "gate or reason");
        foreach (var run in runs)
            table.AddRow(Cell(run.RunId), Cell(run.Status), Cell(run.Suite), Cell(run.Result?.Base.Accuracy), Cell(run.Result?.Tuned.Accuracy), Cell(run.Result?.Difference.Mean), Cell(run.Result?.Gate ?? run.Failure));
        AnsiConsole.Write(table);
    }

    private static string Cell(object? value) => Markup.Escape(value switch
    {
        null => "",
        double number => number.ToString("0.000", CultureInfo.InvariantCulture),
        _ => value.ToString() ?? "",
    });
}
