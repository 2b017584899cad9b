using Azure.Storage.Blobs;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Client;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>
/// The durable engine. All state is a log in the container <c>{hub}-durable</c> (<see cref="SegmentedLog"/>); memory holds its fold
/// (<see cref="HubState"/>) and the running orchestrators. Messages and episodes are appended in groups (<see cref="LogWriter"/>), and only
/// what has been appended can be seen outside: an activity that runs, an answer to a client. So a kill at any moment loses no more than
/// work that is then done again.
/// </summary>
internal sealed class DurableEngine : IAsyncDisposable
{
    private readonly BlobContainerClient container;
    private readonly DurableSettings settings;
    private readonly ILogger logger;
    private readonly HubState hub = new();
    private readonly SegmentedLog log;
    private readonly HistoryArchive archive;
    private readonly LogWriter writer;
    private readonly Watchers watchers = new();
    private readonly Alarms alarms = new();
    private readonly OrchestrationDispatcher orchestrations;
    private readonly ActivityDispatcher activities;
    private HubLease? lease;

    public DurableEngine(BlobServiceClient storage, DurableSettings settings, IDurableFunctions functions,
        DataConverter converter, ILoggerFactory loggers)
    {
        this.settings = settings;
        logger = loggers.CreateLogger<DurableEngine>();
        container = storage.GetBlobContainerClient($"{settings.HubName.ToLowerInvariant()}-durable");
        log = new SegmentedLog(container, Guid.NewGuid().ToString("N"), logger, settings.RollAfterBlocks);
        archive = new HistoryArchive(container, logger);
        writer = new LogWriter(log, hub, archive, settings.ArchiveAfter, logger);
        orchestrations = new OrchestrationDispatcher(functions, converter, writer, hub, settings.LiveOrchestrations, loggers);
        activities = new ActivityDispatcher(functions, hub, writer, loggers.CreateLogger<ActivityDispatcher>());
        Histories = new HistoryReader(hub, writer, archive);
        Client = new EngineClient(settings, hub, writer, new Rewinder(writer, Histories), watchers, functions, converter);
    }

    public DurableTaskClient Client { get; }

    public HistoryReader Histories { get; }

    /// <summary>Takes the hub over, reads the log back and goes on with whatever was unfinished.</summary>
    /// <exception cref="InvalidOperationException">Another live process is using this hub.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await container.CreateIfNotExistsAsync(cancellationToken: cancellation);
        lease = await HubLease.TakeAsync(container, settings.HubName, cancellation);
        try
        {
            await RecoverAsync(cancellation);
        }
        catch
        {
            await lease.ReleaseAsync(CancellationToken.None);
            throw;
        }
        lease.KeepRenewing(logger, OnLost);
        writer.Start(orchestrations.QuietAsync, OnLost);
        lock (hub.Sync)
        {
            hub.Effects = new HubEffects(hub, writer, orchestrations, activities, alarms, watchers);
            Resume(hub.Effects);
        }
        orchestrations.Start(Math.Max(1, settings.MaxConcurrentOrchestrators));
        activities.Start(Math.Max(1, settings.MaxConcurrentActivities));
    }

    /// <summary>Lets running episodes end, cancels running activities, writes what is left and hands the hub back.</summary>
    public async Task StopAsync(CancellationToken cancellation)
    {
        if (lease is null) return;
        try
        {
            await alarms.DisposeAsync();
            await Task.WhenAll(orchestrations.StopAsync(), activities.StopAsync()).WaitAsync(cancellation);
            await writer.DrainAsync().WaitAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            logger.LogWarning("The durable engine was stopped before its activities ended; they run again at the next start.");
            await writer.AbandonAsync();
        }
        await lease.ReleaseAsync(CancellationToken.None);
        lease = null;
        await DisposeAsync();
    }

    /// <summary>Ends at once, like a kill: nothing more is written, the lease is left to expire.</summary>
    public async ValueTask DisposeAsync()
    {
        await writer.AbandonAsync();
        await alarms.DisposeAsync();
        if (lease is not null) await lease.DisposeAsync();
        lock (hub.Sync) watchers.Abandon(new ObjectDisposedException(nameof(DurableEngine), "The durable engine was stopped."));
        _ = orchestrations.StopAsync(); // what still runs has nowhere to write to
        _ = activities.StopAsync();
    }

    private async Task RecoverAsync(CancellationToken cancellation)
    {
        foreach (var record in await log.TakeOverAsync(cancellation)) hub.Apply(record);
        var snapshot = hub.Snapshot();
        if (!await log.BeginSegmentAsync(snapshot, cancellation))
            throw new InvalidOperationException(
                $"Two processes are starting on the task hub '{settings.HubName}' at once; start one of them again.");
        await archive.DeleteUnusedAsync(snapshot, cancellation);
    }

    private void Resume(IHubEffects effects)
    {
        foreach (var call in hub.UnansweredActivities) activities.Enqueue(call);
        foreach (var instance in hub.Instances.Values.Where(i => !i.IsFinished))
        {
            foreach (var timer in instance.Awaited.Values.OfType<StartTimer>()) effects.SetTimer(instance, timer);
            if (instance.Inbox.Count > 0 || instance.History.Count == 0) effects.Wake(instance, null);
        }
    }

    private void OnLost(Exception reason)
    {
        logger.LogCritical("The durable engine has stopped: {Reason}", reason.Message);
        lock (hub.Sync) watchers.Abandon(reason);
        _ = Task.Run(async () => await DisposeAsync());
    }
}
