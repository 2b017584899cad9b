using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using Tpo.Tests.Conformance.Backends;
using Tpo.Tests.Integration.Benchmarks;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Integration.Training;

/// <summary>
/// The real app with all backends configured: Azure is a fake that runs each job it is given as a real process of its own, the container
/// tool a script that does the same. What the app does between a request and a registered model is all real, its managed identity's token included.
/// </summary>
public sealed class BackendHouse : IAsyncLifetime
{
    private static readonly TimeSpan Long = TimeSpan.FromMinutes(3);
    private readonly TrainingStage _stage = new();

    internal FakeAzure Azure { get; private set; } = null!;
    public BareApp App { get; private set; } = null!;
    public TpoStorage Storage => _stage.Storage;

    /// <summary>Whether Azure gives a job a machine at once.</summary>
    public bool HasMachines { get; set; } = true;

    public async Task InitializeAsync()
    {
        await _stage.InitializeAsync();
        Azure = await FakeAzure.StartAsync();
        Azure.Started = job => _ = RunAsync(job);
        await RegisterBaseAsync();
        await Storage.WriteJsonAsync(Containers.Datasets, "set/v1/dataset.json", new { name = "set", version = "v1", pairs = 3 });
        var folder = Directory.CreateDirectory(Path.Combine(_stage.WorkFolder, "house")).FullName;
        await File.WriteAllTextAsync(Path.Combine(folder, "azure.pem"), Azure.CertificatePem);
        App = new BareApp(_stage.Connection, folder, new Dictionary<string, string>
        {
            ["AzureWebJobsStorage__accountName"] = "tpostore", // what jobs elsewhere are told; the app itself goes by the connection string
            ["IDENTITY_ENDPOINT"] = Azure.TokenAddress, ["IDENTITY_HEADER"] = FakeAzure.IdentityHeader, ["SSL_CERT_FILE"] = Path.Combine(folder, "azure.pem"),
            ["Tpo__ResourceManager"] = Azure.Address, ["Tpo__AzureLookSeconds"] = "0.5",
            ["Tpo__AzureMl__WorkspaceId"] = FakeAzure.Workspace, ["Tpo__AzureMl__ComputeId"] = "gpu", ["Tpo__AzureMl__EnvironmentId"] = $"{FakeAzure.Workspace}/environments/tpo/versions/1",
            ["Tpo__ContainerTool"] = await ToolAsync(folder), ["Tpo__ContainerImage"] = "registry/tpo-gpujob:1",
            ["Tpo__JobCommand"] = $"dotnet {JobPath}", ["TPO_THREADS"] = "1", ["Tpo__NightlySchedule"] = "0 0 2 * * *", ["Tpo__NightlySuite"] = "small", ["Tpo__FramesPerVideo"] = "3",
        });
        await App.StartAsync();
    }

    public TrainingRequest Request(string backend) =>
        new() { Backend = backend, BaseModel = "tiny", Dataset = "set/v1", Steps = 6, BatchSize = 2, LearningRate = 1e-3, FramesPerVideo = 3, SaveEvery = 2 };

    public Task<HttpResponseMessage> PostAsync(TrainingRequest request) => App.Http.PostAsJsonAsync("/api/training", request, TpoJson.Options);

    public async Task<string> StartAsync(TrainingRequest request)
    {
        var response = await PostAsync(request);
        Assert.True(response.StatusCode == HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync());
        return response.Headers.Location!.OriginalString;
    }

    public async Task<TrainingStatus> GetAsync(string location) => (await App.Http.GetFromJsonAsync<TrainingStatus>(location, TpoJson.Options))!;

    public Task<TrainingStatus> EndAsync(string location) =>
        House.EventuallyAsync("the training ends", Long, async () => await GetAsync(location) is { Run.IsFinal: true } status ? status : null);

    public Task<TrainingStatus> UntilAsync(string what, string location, Func<TrainingStatus, bool> holds) =>
        House.EventuallyAsync(what, Long, async () => await GetAsync(location) is var status && holds(status) ? status : null);

    public static async Task<string> SentenceAsync(HttpResponseMessage response, HttpStatusCode status)
    {
        Assert.Equal(status, response.StatusCode);
        return (await response.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("detail").GetString()!;
    }

    private static string JobPath => Path.Combine(AppContext.BaseDirectory, "Tpo.GpuJob.dll");

    /// <summary>The platform's part: a machine, then the job's own command, then the end that its exit code means.</summary>
    private async Task RunAsync(AzureJob job)
    {
        job.Status = "Queued";
        while (!HasMachines)
        {
            if (job.Status == "CancelRequested")
            {
                job.Status = "Canceled";
                return;
            }
            await Task.Delay(50);
        }
        job.Status = "Running";
        using var process = _stage.Start(((string)job.Properties["command"]!).Split(' ')[^1]);
        await process.WaitForExitAsync();
        job.Status = process.ExitCode == 0 ? "Completed" : "Failed";
    }

    /// <summary>As podman runs an image whose entrypoint is the job.</summary>
    private static async Task<string> ToolAsync(string folder)
    {
        var path = Path.Combine(folder, "podman");
        await File.WriteAllTextAsync(path, $"""
            #!/bin/sh
            [ "$1" = run ] || exit 0
            while [ "$1" != registry/tpo-gpujob:1 ]; do shift; done
            shift
            exec dotnet {JobPath} "$@"
            """.ReplaceLineEndings("\n"));
        await Process.Start("chmod", ["+x", path]).WaitForExitAsync();
        return path;
    }

    /// <summary>The stage's base model with its graphs, as one that can be served, and a suite of one question about the stage's video.</summary>
    private async Task RegisterBaseAsync()
    {
        using var checkpoint = new RandomCheckpoint();
        foreach (var file in Directory.GetFiles(checkpoint.Folder, "*", SearchOption.AllDirectories))
            await Storage.UploadFileAsync(Containers.Models, $"tiny/{Path.GetRelativePath(checkpoint.Folder, file)}", file);
        var card = new ModelCard { ModelId = "tiny", Revision = WeightFiles.Revision(checkpoint.Folder) };
        await Storage.WriteJsonAsync(Containers.Models, "tiny/model.json", card);
        await new Catalog(Storage).PutAsync(Catalog.Models, "tiny", card);
    }

    public async Task PutSuiteAsync()
    {
        var video = await Storage.Container(Containers.Videos).GetBlobClient("one.mp4").DownloadContentAsync();
        await Storage.WriteBytesAsync(Containers.Benchmarks, "small/videos/one.mp4", video.Value.Content.ToArray(), "video/mp4");
        await Storage.WriteJsonAsync(Containers.Benchmarks, "small/lvb_val.json", new[]
        {
            new Dictionary<string, object>
            {
                ["video_id"] = "one", ["question"] = "What is shown?", ["question_wo_referring_query"] = "What is shown?", ["candidates"] = new[] { "red", "blue", "green", "white" },
                ["correct_choice"] = 0, ["position"] = new[] { 5 }, ["topic_category"] = "T", ["question_category"] = "S2E", ["level"] = "L1-Perception", ["id"] = "one_0",
                ["video_path"] = "one.mp4", ["subtitle_path"] = "none.json", ["duration_group"] = 15, ["starting_timestamp_for_subtitles"] = 0, ["duration"] = 2.0, ["view_count"] = 1,
            },
        });
    }

    public async Task DisposeAsync()
    {
        await App.DisposeAsync();
        await Azure.DisposeAsync();
        await _stage.DisposeAsync();
    }
}
