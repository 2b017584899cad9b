using System.CommandLine;
using Tpo.Shared;
using Tpo.Shared.Storage;

namespace Tpo.GpuJob.Training;

/// <summary>`train`: one training run, from its request in storage to a tuned model in storage.</summary>
public static class TrainCommand
{
    public static Command Create()
    {
        var runId = new Option<string>("--run-id") { Description = "the run whose request lies in training/{run-id}/request.json", Required = true };
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
        var command = new Command("train", "Runs preference training: 0 done or cancelled, 1 failed, 3 already running elsewhere, 143 stopped after a checkpoint.") { runId, storage };
        command.SetAction((parsed, stop) =>
            new TrainingJob(TpoStorage.FromConnectionString(parsed.GetValue(storage)!), Settings(), parsed.GetValue(runId)!).RunAsync(stop));
        return command;
    }

    private static TpoSettings Settings()
    {
        var defaults = new TpoSettings();
        return defaults with
        {
            WorkFolder = Environment.GetEnvironmentVariable("Tpo__WorkFolder") ?? defaults.WorkFolder,
            FeatureCacheMegabytes = long.TryParse(Environment.GetEnvironmentVariable("Tpo__FeatureCacheMegabytes"), out long megabytes) ? megabytes : defaults.FeatureCacheMegabytes,
            FFmpegFolder = Environment.GetEnvironmentVariable("Tpo__FFmpegFolder") ?? defaults.FFmpegFolder,
        };
    }
}
