using System.Diagnostics;
using System.Security.Cryptography;
using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Preferences;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using Tpo.Tests.Integration.Media;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Integration.Training;

/// <summary>
/// Storage with a small base model, two videos and three pairs in it, and the real job as a process of its own on one thread.
/// </summary>
public sealed class TrainingStage : IAsyncLifetime
{
    private static readonly Lazy<Task<string>> Account = new(SharedAzurite.TakeConnectionStringAsync);
    private readonly RandomCheckpoint _base = new();
    private readonly TestVideos _videos = new();
    private string _connection = "";

    public string Connection => _connection;
    public string WorkFolder => _videos.Settings.WorkFolder;
    public TpoStorage Storage { get; private set; } = null!;
    public IReadOnlyList<PreferencePair> Pairs { get; private set; } = [];

    public async Task InitializeAsync()
    {
        _connection = await Account.Value;
        Storage = TpoStorage.FromConnectionString(_connection);
        await Storage.EnsureContainersAsync();
        foreach (var file in Directory.GetFiles(_base.Folder))
            await Storage.UploadFileAsync(Containers.Models, $"tiny/{Path.GetFileName(file)}", file);
        var one = await UploadAsync("one.mp4", ("red", 1), ("blue", 1));
        var two = await UploadAsync("two.mp4", ("green", 1), ("white", 2));
        Pairs =
        [
            Pair("a", one, "What is shown first?", "red first", "a blue thing"),
            Pair("b", one, "What is shown last?", "blue", "red"),
            Pair("c", two, "What is shown first?", "green comes first", "white"),
        ];
        await Storage.WriteJsonLinesAsync(Containers.Datasets, DatasetBlobs.Pairs("set", "v1"), Pairs);
    }

    /// <summary>Writes a run's request; returns its id.</summary>
    public async Task<string> RequestAsync(Func<TrainingRequest, TrainingRequest> change)
    {
        var runId = $"run-{Guid.NewGuid():N}"[..12];
        var request = change(new TrainingRequest { BaseModel = "tiny", Dataset = "set/v1", Steps = 6, BatchSize = 2, LearningRate = 1e-3, FramesPerVideo = 3, SaveEvery = 2 });
        await Storage.WriteJsonAsync(Containers.Training, TrainingBlobs.Request(runId), request);
        return runId;
    }

    /// <summary>Starts the job as the function app does: the storage connection travels in the environment.</summary>
    public Process Start(string runId, params (string Name, string Value)[] settings)
    {
        var job = Path.Combine(AppContext.BaseDirectory, "Tpo.GpuJob.dll");
        var start = new ProcessStartInfo("dotnet", [job, "train", "--run-id", runId]);
        start.Environment["AzureWebJobsStorage"] = _connection;
        start.Environment["TPO_THREADS"] = "1";
        start.Environment["OMP_NUM_THREADS"] = "1";
        start.Environment["Tpo__WorkFolder"] = _videos.Settings.WorkFolder;
        start.Environment["Tpo__FFmpegFolder"] = _videos.Settings.FFmpegFolder;
        foreach (var (name, value) in settings)
            start.Environment[name] = value;
        return Process.Start(start)!;
    }

    /// <summary>Files of vision features that jobs have left.</summary>
    public string[] KeptFeatures() => Directory.Exists(Path.Combine(_videos.Settings.WorkFolder, "features"))
        ? Directory.GetFiles(Path.Combine(_videos.Settings.WorkFolder, "features"), "*", SearchOption.AllDirectories)
        : [];

    public async Task<int> RunAsync(string runId, params (string Name, string Value)[] settings)
    {
        using var job = Start(runId, settings);
        await job.WaitForExitAsync();
        return job.ExitCode;
    }

    /// <summary>Waits until a running job has finished some steps.</summary>
    public async Task AfterStepsAsync(string runId, int steps)
    {
        for (var clock = Stopwatch.StartNew(); (await MetricsAsync(runId)).Count < steps; await Task.Delay(20))
            Assert.True(clock.Elapsed < TimeSpan.FromMinutes(2), $"Run {runId} did not reach step {steps} within two minutes.");
    }

    public Task<IReadOnlyList<TrainingMetrics>> MetricsAsync(string runId) =>
        Storage.ReadJsonLinesAsync<TrainingMetrics>(Containers.Training, TrainingBlobs.Metrics(runId));

    public Task<TrainingProgress> ProgressAsync(string runId) =>
        Storage.ReadJsonAsync<TrainingProgress>(Containers.Training, TrainingBlobs.Progress(runId));

    public Task<TrainingResult> ResultAsync(string runId) =>
        Storage.ReadJsonAsync<TrainingResult>(Containers.Training, TrainingBlobs.Result(runId));

    public Task DisposeAsync()
    {
        _base.Dispose();
        _videos.Dispose();
        return Task.CompletedTask;
    }

    private async Task<(string Id, string Blob)> UploadAsync(string name, params (string Colour, int Seconds)[] scenes)
    {
        var path = await _videos.ScenesAsync(name, scenes);
        await Storage.UploadFileAsync(Containers.Videos, name, path);
        return (Convert.ToHexStringLower(SHA256.HashData(await File.ReadAllBytesAsync(path))), name);
    }

    private static PreferencePair Pair(string id, (string Id, string Blob) video, string query, string chosen, string rejected) => new()
    {
        PairId = id,
        Kind = PairKind.Comprehensive,
        VideoId = video.Id,
        VideoBlob = video.Blob,
        Query = query,
        QueryType = "order",
        ReferenceAnswer = chosen,
        Chosen = chosen,
        Rejected = rejected,
        ChosenPlan = new FramePlan("whole", [0, 1], [0, 0.04]),
        RejectedPlan = new FramePlan("sparse", [0], [0]),
        PromptIds = new Dictionary<string, string>(),
        ModelId = "tiny",
        ModelRevision = "",
        Preprocess = ImageRecipe.ScaledByFFmpeg,
        Seed = 7,
        Verdict = new Verdict("Yes", "No", "Yes", "No", "test"),
        Cost = new Cost(0, 0, 0),
    };
}
