using System.CommandLine;
using Azure.Identity;
using Azure.Storage.Blobs;
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
            if (string.IsNullOrEmpty(given.GetValueOrDefault<string>()) && Account.Length == 0)
                given.AddError("There is no storage: give --storage, or set AzureWebJobsStorage to a connection string or AzureWebJobsStorage__accountName to an account.");
        });
        var command = new Command("train", "Runs preference training: 0 done or cancelled, 1 failed, 3 already running elsewhere, 143 stopped after a checkpoint.") { runId, dryRun, storage };
        command.Validators.Add(given =>
        {
            if (given.GetResult(runId) is null == given.GetResult(dryRun) is null)
                given.AddError("Give --run-id to train, or --dry-run to look at what would be trained.");
        });
        command.SetAction((parsed, stop) =>
        {
            var opened = Storage(parsed.GetValue(storage)!);
            return parsed.GetValue(dryRun) is { } request
                ? DryRun.RunAsync(opened, request.FullName, Console.Out, stop)
                : new TrainingJob(opened, Settings(), parsed.GetValue(runId)!).RunAsync(stop);
        });
        return command;
    }

    private static string Account => Environment.GetEnvironmentVariable("AzureWebJobsStorage__accountName") ?? "";

    /// <summary>As the function app reaches it: by a connection string, or in Azure, where shared keys are off, by the job's managed identity.</summary>
    private static TpoStorage Storage(string connection) => connection.Length > 0
        ? TpoStorage.FromConnectionString(connection)
        : new TpoStorage(new BlobServiceClient(new Uri($"https://{Account}.blob.core.windows.net"), new ManagedIdentityCredential(
            Environment.GetEnvironmentVariable("AzureWebJobsStorage__clientId") is { Length: > 0 } client
                ? ManagedIdentityId.FromUserAssignedClientId(client)
                : ManagedIdentityId.SystemAssigned)));

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
