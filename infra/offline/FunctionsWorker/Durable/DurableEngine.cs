using Azure.Storage.Blobs;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>The durable engine: orchestrations, event-sourced in an append-blob log. (Its parts follow.)</summary>
internal sealed class DurableEngine(BlobServiceClient storage, DurableSettings settings, IDurableFunctions functions, DataConverter converter,
    ILoggerFactory loggers) : IAsyncDisposable
{
    public DurableTaskClient Client => throw NotYet();

    public Task StartAsync(CancellationToken cancellation) => throw NotYet();

    public Task StopAsync(CancellationToken cancellation) => throw NotYet();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private NotSupportedException NotYet() =>
        new($"Hub {settings.HubName} of {storage.Uri} cannot run {functions}: the durable engine is not in this build ({converter}, {loggers}).");
}
