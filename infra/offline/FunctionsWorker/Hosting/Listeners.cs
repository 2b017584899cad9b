using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>Everything that waits for something other than HTTP: blobs, queues, timers.</summary>
internal sealed class Listeners
{
    private const string HostContainer = "azure-webjobs-hosts";
    private readonly List<(string What, Func<CancellationToken, Task> Run)> loops = [];
    private readonly IReadOnlyList<BlobFunction> blobFunctions;
    private readonly BlobInbox inbox;
    private readonly Dictionary<LocalFunction, TimerListener> timers = [];
    private readonly FunctionInvoker invoker;
    private readonly ILogger log;
    private Task[] running = [];

    public Listeners(
        FunctionTable table, StorageConnections storage, FunctionInvoker invoker, HostJson hostJson, IConfiguration settings, HostIdentity host,
        TimeProvider clock, ILoggerFactory loggers)
    {
        this.invoker = invoker;
        log = loggers.CreateLogger<Listeners>();
        var records = storage.Blobs().GetBlobContainerClient(HostContainer);

        inbox = new BlobInbox(storage.Queues(), host.Id);
        blobFunctions = [.. table.With<BlobTriggerAttribute>().Select(item => new BlobFunction(
            item.Function, BlobPath.Parse(item.Function.Name, item.Trigger.BlobPath, settings), StorageConnections.Named(item.Trigger.Connection),
            ChecksETag: item.Trigger.Source == BlobTriggerSource.LogsAndContainerScan))];
        if (blobFunctions.Count > 0)
        {
            var delivery = new BlobDelivery(blobFunctions, storage, invoker, loggers.CreateLogger<BlobDelivery>());
            var reading = new QueueReading(
                hostJson.BlobConcurrency, Math.Min(hostJson.BlobConcurrency, 32), hostJson.PoisonBlobThreshold, Base64: true,
                RetryAfter: TimeSpan.Zero, hostJson.QueueMaxPollingInterval);
            var listener = new QueueListener(inbox.Queue, reading, delivery.DeliverAsync, delivery.PoisonAsync, inbox.Arrived, log);
            loops.Add(("blob delivery", listener.RunAsync));
            var watches = blobFunctions.GroupBy(f => (f.Connection, f.Path.Container)).Select(watched =>
            {
                var (connection, container) = watched.Key;
                var folder = connection == StorageConnections.HostStorage ? container : $"{connection}/{container}";
                return new BlobWatch(storage.Blobs(connection).GetBlobContainerClient(container), [.. watched], inbox,
                    new BlobReceipts(records, $"blobnotifier/{host.Id}/{folder}"));
            });
            loops.Add(("blob notifier", new BlobNotifier([.. watches], loggers.CreateLogger<BlobNotifier>()).RunAsync));
        }
        var queues = new QueueFunctions(table, storage, invoker, hostJson, settings, loggers.CreateLogger<QueueFunctions>());
        loops.AddRange(queues.Listeners().Select(listener => ("queue", (Func<CancellationToken, Task>)listener.RunAsync)));

        foreach (var (function, trigger) in table.With<TimerTriggerAttribute>())
        {
            var schedule = Schedule.Parse(function.Name, trigger.Schedule, settings);
            var monitored = trigger.UseMonitor && !schedule.IsFrequent(clock.GetUtcNow().UtcDateTime);
            var listener = new TimerListener(
                function, schedule, monitored ? new TimerMonitor(records, host.Id, function) : null, invoker, clock, log);
            timers[function] = listener;
            loops.Add(($"timer {function.Name}", listener.RunAsync));
        }
    }

    public BlobWebhook Webhook(FunctionKeys keys) => new(blobFunctions, inbox, keys);

    /// <summary>How an administrator starts this function by hand with this input; null where it cannot be.</summary>
    public Func<CancellationToken, Task>? Manual(LocalFunction function, string input)
    {
        if (timers.TryGetValue(function, out var timer))
            return timer.RunOnceAsync;
        if (function.Trigger is QueueTriggerAttribute)
            return cancellation => invoker.InvokeAsync(function, QueueBody.ByHand(input), cancellation);
        if (blobFunctions.FirstOrDefault(f => f.Function == function) is not { } blob || !input.StartsWith($"{blob.Path.Container}/", StringComparison.Ordinal))
            return null;
        var announced = new BlobEvent(blob.Path.Container, input[(blob.Path.Container.Length + 1)..], "", "BlockBlob");
        return cancellation => inbox.AcceptAsync(blob, announced, cancellation);
    }

    /// <summary>Runs until cancelled. A loop that ends by an error is started again after a pause: a listener never dies silently.</summary>
    public void Start(CancellationToken cancellation) =>
        running = [.. loops.Select(loop => Task.Run(() => KeepRunningAsync(loop.What, loop.Run, cancellation), CancellationToken.None))];

    public Task FinishedAsync(TimeSpan grace, CancellationToken cancellation) => Task.WhenAll(running).WaitAsync(grace, cancellation);

    private async Task KeepRunningAsync(string what, Func<CancellationToken, Task> run, CancellationToken cancellation)
    {
        while (!cancellation.IsCancellationRequested)
            try
            {
                await run(cancellation);
                return;
            }
            catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                log.LogError(e, "The {Listener} stopped and is started again in 5 seconds", what);
                await Task.Delay(TimeSpan.FromSeconds(5), cancellation).ContinueWith(_ => { }, TaskScheduler.Default);
            }
    }
}
