using Azure.Core;
using Azure.Core.Pipeline;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Tpo.Functions.Training.Backends;
using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Tests.Conformance.Backends;

/// <summary>A run whose request lies in real storage, its backend against the fake of Azure, and the lookout that the activities call.</summary>
internal sealed class BackendStage : IAsyncDisposable
{
    private BackendStage(FakeAzure azure, TpoStorage storage, TpoSettings settings) => (Azure, Storage, Settings) = (azure, storage, settings);

    public FakeAzure Azure { get; }
    public TpoStorage Storage { get; }
    public TpoSettings Settings { get; set; }
    public string RunId { get; } = $"train-{Guid.NewGuid().ToString("N")[..12]}";
    public int Retries { get; set; } = 3;

    public static async Task<BackendStage> StartAsync(AzuriteFixture azurite, string backend, TrainingBudget? budget = null)
    {
        var azure = await FakeAzure.StartAsync();
        var settings = new TpoSettings
        {
            ResourceManager = azure.Address,
            AzureMl = new AzureMlSettings
            {
                WorkspaceId = FakeAzure.Workspace, ComputeId = "gpu", EnvironmentId = $"{FakeAzure.Workspace}/environments/tpo/versions/1",
                IdentityClientId = "99999999-0000-0000-0000-000000000000", Datastore = "tpo_training",
            },
            ContainerApps = new ContainerAppsSettings { JobId = FakeAzure.AppsJob, IdentityClientId = "99999999-0000-0000-0000-000000000000" },
        };
        var stage = new BackendStage(azure, TpoStorage.FromConnectionString(azurite.NewAccount()), settings);
        await stage.Storage.EnsureContainersAsync();
        await stage.Storage.WriteJsonAsync(Containers.Training, TrainingBlobs.Request(stage.RunId), new TrainingRequest { Backend = backend, Budget = budget });
        return stage;
    }

    /// <summary>A new one each time, as after a restart of the app: nothing is remembered but what storage and Azure hold.</summary>
    public JobLookout Lookout => new(Storage, new BackendChoice(Backends(), Settings, Configuration), TimeProvider.System, NullLogger<JobLookout>.Instance);

    public ITrainingBackend Backend(string name) => Backends().Single(backend => backend.Name == name);

    public Task<JobSighting> SeeAsync() => Lookout.SeeAsync(RunId, CancellationToken.None);

    public Task StartJobAsync() => Lookout.StartAsync(RunId, CancellationToken.None);

    /// <summary>Another run of the same backend.</summary>
    public async Task StartOtherAsync()
    {
        var other = $"other-{Guid.NewGuid().ToString("N")[..12]}";
        var request = await Storage.ReadJsonAsync<TrainingRequest>(Containers.Training, TrainingBlobs.Request(RunId));
        await Storage.WriteJsonAsync(Containers.Training, TrainingBlobs.Request(other), request);
        await Lookout.StartAsync(other, CancellationToken.None);
    }

    public Task<TrainingProgress?> ProgressAsync() => Storage.TryReadJsonAsync<TrainingProgress>(Containers.Training, TrainingBlobs.Progress(RunId));

    public Task<BackendJob?> RecordAsync() => Storage.TryReadJsonAsync<BackendJob>(Containers.Training, TrainingBlobs.Backend(RunId));

    /// <summary>What a living job writes.</summary>
    public Task BeatAsync(JobPhase phase, string? message = null, DateTimeOffset? at = null) => Storage.WriteJsonAsync(
        Containers.Training, TrainingBlobs.Progress(RunId), new TrainingProgress(phase, 3, 12, 0.5, at ?? DateTimeOffset.UtcNow, message));

    public Task AskToEndAsync() => Storage.WriteTextAsync(Containers.Training, TrainingBlobs.CancelRequested(RunId), "cancel", "text/plain");

    private static IConfiguration Configuration => new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?>
    {
        ["AzureWebJobsStorage"] = "secret-connection", ["AzureWebJobsStorage:accountName"] = "tpostore", ["AzureWebJobsStorage:clientId"] = "88888888-0000-0000-0000-000000000000",
    }).Build();

    private ITrainingBackend[] Backends()
    {
        var options = new ResourceManagerOptions { Transport = new HttpClientTransport(new HttpClient(Azure.TrustingHandler())) };
        (options.Retry.Delay, options.Retry.MaxRetries) = (TimeSpan.FromMilliseconds(10), Retries);
        var manager = new ResourceManager(Settings, new TestCredential(), options);
        return
        [
            new AzureMlBackend(manager, Storage, Settings, Configuration), new ContainerAppsBackend(manager, Storage, Settings, Configuration),
            new ContainerBackend(Storage, Settings, Configuration),
        ];
    }

    public ValueTask DisposeAsync() => Azure.DisposeAsync();

    private sealed class TestCredential : TokenCredential
    {
        public override AccessToken GetToken(TokenRequestContext request, CancellationToken cancellation) => new(FakeAzure.Token, DateTimeOffset.UtcNow.AddHours(1));

        public override ValueTask<AccessToken> GetTokenAsync(TokenRequestContext request, CancellationToken cancellation) => new(GetToken(request, cancellation));
    }
}
