using System.Collections.Concurrent;
using System.Text.Json;
using Azure.Core;
using Azure.Storage.Blobs;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.DurableTask.Converters;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable;

namespace Tpo.Tests.Conformance.Durable;

/// <summary>A task hub of its own on the shared Azurite, with functions given as delegates and an engine that can be killed.</summary>
public sealed class TestHub(AzuriteFixture azurite) : IDurableFunctions, IAsyncDisposable
{
    private static string? account;

    private readonly ConcurrentDictionary<string, Func<TaskOrchestrationContext, Task<object?>>> orchestrators = [];
    private readonly ConcurrentDictionary<string, Func<string?, CancellationToken, Task<object?>>> activities = [];
    private readonly string hub = "Hub" + Guid.NewGuid().ToString("N")[..20];
    private DurableEngine? engine;

    /// <summary>Lets writes fail.</summary>
    public StoreFailures Store { get; } = new();

    public BlobServiceClient Storage => field ??= Connect();

    public BlobContainerClient Container => Storage.GetBlobContainerClient($"{hub.ToLowerInvariant()}-durable");

    public DurableTaskClient Client => engine!.Client;

    internal DurableEngine Engine => engine!;

    /// <summary>Names of the activities that were run, in order.</summary>
    public ConcurrentQueue<string> Runs { get; } = new();

    public ConcurrentQueue<string> LogLines { get; } = new();

    public TestHub Orchestrator<T>(string name, Func<TaskOrchestrationContext, Task<T>> run)
    {
        orchestrators[name] = async context => await run(context);
        return this;
    }

    /// <summary>An orchestrator together with what the host awaits around it.</summary>
    public void HostedOrchestrator(string name, Func<TaskOrchestrationContext, Task<object?>> run) => orchestrators[name] = run;

    public TestHub Activity<TIn, TOut>(string name, Func<TIn, CancellationToken, Task<TOut>> run)
    {
        activities[name] = async (json, cancellation) =>
            await run(json is null ? default! : JsonSerializer.Deserialize<TIn>(json)!, cancellation);
        return this;
    }

    public TestHub Activity<TIn, TOut>(string name, Func<TIn, TOut> run) =>
        Activity<TIn, TOut>(name, (input, _) => Task.FromResult(run(input)));

    public async Task<TestHub> StartAsync(int activitiesAtOnce = 4, int liveOrchestrations = 1_000, int rollAfterBlocks = 4_000,
        int archiveAfter = 16_000_000)
    {
        var loggers = LoggerFactory.Create(logging => logging.AddProvider(new Lines(LogLines)));
        var settings = new DurableSettings(hub, activitiesAtOnce, 4, liveOrchestrations, rollAfterBlocks, archiveAfter);
        engine = new DurableEngine(Storage, settings, this, JsonDataConverter.Default, loggers);
        await engine.StartAsync(CancellationToken.None);
        return this;
    }

    /// <summary>Waits until the instance's history has left memory for good.</summary>
    public Task ArchivedAsync(string id) => EventuallyAsync(
        async () => (await Engine.Histories.ReadAsync(id, default))!.Instance.History.Count == 0, $"the history of '{id}' was archived");

    /// <summary>The names of the hub's blobs that begin so.</summary>
    public async Task<IReadOnlyList<string>> BlobsAsync(string prefix)
    {
        var names = new List<string>();
        await foreach (var blob in Container.GetBlobsAsync(prefix: prefix)) names.Add(blob.Name);
        return names;
    }

    /// <summary>Ends the engine as a kill would, without a word to the store.</summary>
    public async Task KillAsync() => await engine!.DisposeAsync();

    public async Task<TestHub> KillAndRestartAsync()
    {
        await KillAsync();
        return await StartAsync();
    }

    public Task<string> StartInstanceAsync(string orchestrator, object? input = null, string? id = null) =>
        Client.ScheduleNewOrchestrationInstanceAsync(orchestrator, input, id is null ? null : new StartOrchestrationOptions(id));

    public async Task<OrchestrationMetadata> FinishAsync(string id, int seconds = 20)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(seconds));
        return await Client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
    }

    public async Task<OrchestrationMetadata> RunAsync(string orchestrator, object? input = null, string? id = null) =>
        await FinishAsync(await StartInstanceAsync(orchestrator, input, id));

    public static async Task EventuallyAsync(Func<Task<bool>> condition, string what)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(10); !await condition(); await Task.Delay(20))
            Assert.True(DateTime.UtcNow < deadline, $"Within 10 s it did not happen that {what}.");
    }

    public static Task EventuallyAsync(Func<bool> condition, string what) => EventuallyAsync(() => Task.FromResult(condition()), what);

    public async ValueTask DisposeAsync()
    {
        if (engine is not null) await engine.DisposeAsync();
    }

    private BlobServiceClient Connect()
    {
        var options = new BlobClientOptions();
        options.AddPolicy(Store, HttpPipelinePosition.PerCall);
        return new BlobServiceClient(account ??= azurite.NewAccount(), options);
    }

    bool IDurableFunctions.HasActivity(string name) => activities.ContainsKey(name);

    bool IDurableFunctions.HasOrchestrator(string name) => orchestrators.ContainsKey(name);

    Task<object?> IDurableFunctions.RunOrchestratorAsync(string name, TaskOrchestrationContext context) => orchestrators[name](context);

    async Task<string?> IDurableFunctions.RunActivityAsync(string name, string instanceId, string? inputJson,
        CancellationToken cancellation)
    {
        Runs.Enqueue(name);
        return JsonSerializer.Serialize(await activities[name](inputJson, cancellation));
    }

    private sealed class Lines(ConcurrentQueue<string> lines) : ILoggerProvider, ILogger
    {
        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter) =>
            lines.Enqueue(formatter(state, exception));

        public void Dispose() { }
    }
}
