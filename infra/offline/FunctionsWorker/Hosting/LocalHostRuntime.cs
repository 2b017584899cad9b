using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Tpo.Offline.FunctionsWorker.Durable;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// The order of things. Prepare: check storage, find functions, map routes. Start, after the app's own services: the durable engine.
/// Started, when HTTP answers: the listeners. Stopping: nothing new begins and the tokens of all calls are cancelled; then the listeners' calls
/// have two thirds of the shutdown timeout to end, HTTP's the rest; the engine last. What is cut off is still in its queue and runs again.
/// </summary>
internal sealed class LocalHostRuntime(
    LocalHostParts parts, IConfiguration settings, IHostEnvironment environment, StorageConnections storage, IServiceProvider services,
    WorkerSerializer serializer, TimeProvider clock, IServer server, IOptions<HostOptions> host, ILoggerFactory loggers)
    : IHostedLifecycleService, IDurableClientSource
{
    private readonly CancellationTokenSource stopping = new();
    private HostJson hostJson = new();
    private FunctionTable? table;
    private Listeners? listeners;
    private DurableEngine? engine;
    private HttpFunctions? http;

    public DurableTaskClient Client => (engine ?? throw new InvalidOperationException("The durable engine has not started yet.")).Client;

    /// <summary>The address that HTTP answers at, with the real port.</summary>
    public string Address => server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault() ?? "";

    public async Task PrepareAsync(WebApplication web, CancellationToken cancellation)
    {
        if (parts.Failure is not null)
            throw parts.Failure;
        LocalPort.Check(settings);
        hostJson = HostJson.Read(environment.ContentRootPath, settings);
        table = FunctionTable.Discover(parts.FunctionTypes(), settings, services.GetRequiredService<IServiceProviderIsService>());
        if (!parts.ServesHttp && table.With<HttpTriggerAttribute>().FirstOrDefault().Function is { } function)
            throw new StartupException($"Function '{function.Name}' has an HTTP trigger: call builder.ConfigureFunctionsWebApplication() in Program.cs.");
        await storage.CheckAsync(cancellation);

        var invoker = new FunctionInvoker(services.GetRequiredService<IServiceScopeFactory>(), hostJson, loggers, parts.Middleware);
        var keys = new FunctionKeys(settings);
        var identity = new HostIdentity(settings, environment);
        engine = new DurableEngine(
            storage.Blobs(), Durable(),
            new DurableFunctions(table, invoker, serializer), serializer, loggers);
        listeners = new Listeners(table, storage, invoker, hostJson, settings, identity, clock, loggers);
        http = new HttpFunctions(table, invoker, keys, hostJson, loggers.CreateLogger<HttpFunctions>());

        http.Map(web, stopping.Token);
        listeners.Webhook(keys).Map(web);
        DurableManagementApi.Map(web, engine, context => keys.AllowsWebhook(context, "durabletask_extension"));
        new AdminApi(table, listeners, keys, identity, loggers.CreateLogger<AdminApi>()).Map(web, stopping.Token);
    }

    public async Task StartAsync(CancellationToken cancellation)
    {
        if (!UsesDurable)
            return;
        try
        {
            await engine!.StartAsync(cancellation);
        }
        catch (InvalidOperationException e)
        {
            throw new StartupException(e.Message, e); // another live process owns the task hub
        }
    }

    public Task StartedAsync(CancellationToken cancellation)
    {
        listeners!.Start(stopping.Token);
        Banner.Write(Console.Out, table!, http!, Address, hostJson, storage.Blobs().Uri);
        return Task.CompletedTask;
    }

    public async Task StoppingAsync(CancellationToken cancellation)
    {
        await stopping.CancelAsync();
        if (listeners is null)
            return;
        var grace = host.Value.ShutdownTimeout * 2 / 3;
        try
        {
            await listeners.FinishedAsync(grace, cancellation);
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            loggers.CreateLogger<LocalHostRuntime>().LogWarning(
                "A function was still running {Seconds} s after the stop and is cut off: it runs again after the next start", grace.TotalSeconds);
        }
    }

    public async Task StopAsync(CancellationToken cancellation)
    {
        if (engine is null || !UsesDurable)
            return;
        await engine.StopAsync(cancellation);
        await engine.DisposeAsync();
    }

    public Task StartingAsync(CancellationToken cancellation) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellation) => Task.CompletedTask;

    // TPO_REPLAY_ALWAYS=true keeps no orchestrator in memory: every episode is a replay, which finds what is not deterministic.
    private DurableSettings Durable() => new(hostJson.HubName, hostJson.MaxConcurrentActivities, hostJson.MaxConcurrentOrchestrators)
    {
        LiveOrchestrations = settings.GetValue("TPO_REPLAY_ALWAYS", false) ? 0 : 1_000,
        RollAfterBlocks = settings.GetValue("TPO_LOG_ROLL_AFTER_BLOCKS", 4_000),
        ArchiveAfter = settings.GetValue("TPO_ARCHIVE_AFTER", 4_000_000),
        AnyStateIsOverridable = hostJson.AnyStateIsOverridable,
    };

    private bool UsesDurable => table!.All.Any(f => f.Trigger is OrchestrationTriggerAttribute or ActivityTriggerAttribute
        || f.Method.GetParameters().Any(p => p.IsDefined(typeof(DurableClientAttribute), false)));
}
