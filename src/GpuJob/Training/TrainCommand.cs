using System.CommandLine;
using Tpo.Shared;
using Tpo.Shared.Storage;

namespace Tpo.GpuJob.Training;

/// <summary>`train`: one training run, from its request in storage to a tuned model in storage.</summary>
public static class TrainCommand
{
    public static Command Create()
    {
        var runId = new Option<string>("--run-id") { Description = "the run whose request lies in training/{run-id}/request.json" };
        var dryRun = new Option<FileInfo>("--dry-run") { Description = "a request as JSON: prints what its first step would learn, trains nothing" };
        dryRun.AcceptExistingOnly();
        var storage = new Option<string>("--storage")
        {
            Description = "storage connection string (default: environment AzureWebJobsStorage)",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("AzureWebJobsStorage") ?? "",
        };
        storage.Validators.Add(given =>
        {
            if (string.IsNullOrEmpty(given.GetValueOrDefault<string>()))
                given.AddError("There is no storage: give --storage, or set AzureWebJobsStorage to a connection string.");
        });
        var command = new Command("train", "Runs preference training: 0 done or cancelled, 1 failed, 3 already running elsewhere, 143 stopped after a checkpoint.") { runId, dryRun, storage };
        command.Validators.Add(given =>
        {
            if (given.GetResult(runId) is null == given.GetResult(dryRun) is null)
                given.AddError("Give --run-id to train, or --dry-run to look at what would be trained.");
        });
        command.SetAction((parsed, stop) =>
        {
            var opened = TpoStorage.FromConnectionString(parsed.GetValue(storage)!);
            return parsed.GetValue(dryRun) is { } request
                ? DryRun.RunAsync(opened, request.FullName, Console.Out, stop)
                : new TrainingJob(opened, Settings(), parsed.GetValue(runId)!).RunAsync(stop);
        });
        return command;
    }

    private static TpoSettings Settings()
    {
        var defaults = new TpoSettings();
        return defaults with
        {
            WorkFolder = Environment.GetEnvironmentVariable("Tpo__WorkFolder") ?? defaults.WorkFolder,
            FFmpegFolder = Environment.GetEnvironmentVariable("Tpo__FFmpegFolder") ?? defaults.FFmpegFolder,
        };
    }
}
