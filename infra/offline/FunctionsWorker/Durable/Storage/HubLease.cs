using System.Diagnostics;
using Azure;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>
/// Keeps two live hosts from taking turns at one hub: a 15 s lease on the blob <c>owner</c>, renewed every 5 s. It is a courtesy, not the
/// safeguard; that is the log's append position (<see cref="SegmentedLog"/>). Hence it may be broken at once where its holder is known to
/// be dead (same machine, no such process), so that a restart after a kill does not wait; otherwise it is waited for.
/// </summary>
internal sealed class HubLease : IAsyncDisposable
{
    private static readonly TimeSpan duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan renewal = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(20);

    private readonly BlobLeaseClient lease;
    private readonly CancellationTokenSource stop = new();
    private Task renewing = Task.CompletedTask;

    private HubLease(BlobLeaseClient lease) => this.lease = lease;

    private sealed record Holder(string Machine, int Process, DateTimeOffset Started)
    {
        public static Holder Self { get; } = Of(System.Diagnostics.Process.GetCurrentProcess());

        // A second engine in this very process can only mean that the first was abandoned.
        public bool IsGone()
        {
            if (Machine != Self.Machine) return false;
            if (Process == Self.Process) return true;
            try
            {
                using var process = System.Diagnostics.Process.GetProcessById(Process);
                return (Of(process).Started - Started).Duration() > TimeSpan.FromSeconds(2); // the number was given to another since
            }
            catch (ArgumentException)
            {
                return true;
            }
        }

        private static Holder Of(Process process) => new(Environment.MachineName, process.Id, process.StartTime);
    }

    /// <exception cref="InvalidOperationException">Another live process holds the hub.</exception>
    public static async Task<HubLease> TakeAsync(BlobContainerClient container, string hub, CancellationToken cancellation)
    {
        var blob = container.GetBlobClient("owner");
        try
        {
            await blob.UploadAsync(BinaryData.FromString("{}"), new BlobUploadOptions
            {
                Conditions = new BlobRequestConditions { IfNoneMatch = ETag.All },
            }, cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412) { } // it is there already

        var lease = blob.GetBlobLeaseClient();
        for (var waited = Stopwatch.StartNew(); ;)
        {
            try
            {
                await lease.AcquireAsync(duration, cancellationToken: cancellation);
                break;
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                var holder = await ReadHolderAsync(blob, cancellation);
                if (holder?.IsGone() == true)
                {
                    await lease.BreakAsync(TimeSpan.Zero, cancellationToken: cancellation);
                    continue;
                }
                if (waited.Elapsed > patience)
                    throw new InvalidOperationException($"The task hub '{hub}' is in use by process {holder?.Process.ToString() ?? "?"} on "
                        + $"{holder?.Machine ?? "another machine"}. Stop that, or set another durableTask.hubName in host.json.", e);
                await Task.Delay(500, cancellation);
            }
        }
        await blob.UploadAsync(BinaryData.FromObjectAsJson(Holder.Self), new BlobUploadOptions
        {
            Conditions = new BlobRequestConditions { LeaseId = lease.LeaseId },
        }, cancellation);
        return new HubLease(lease);
    }

    public void KeepRenewing(ILogger logger, Action<Exception> onLost) => renewing = Task.Run(async () =>
    {
        while (!stop.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(renewal, stop.Token);
                await lease.RenewAsync(cancellationToken: stop.Token);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested) { }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
            {
                onLost(new HubLostException("The lease on the durable hub was taken by another process.", e));
                return;
            }
            catch (Exception e)
            {
                logger.LogWarning(e, "The lease on the durable hub could not be renewed; trying again.");
            }
        }
    });

    public async Task ReleaseAsync(CancellationToken cancellation)
    {
        await DisposeAsync();
        try { await lease.ReleaseAsync(cancellationToken: cancellation); }
        catch (RequestFailedException) { } // gone already, or the store is: it expires by itself
    }

    /// <summary>Stops renewing and leaves the lease to expire, as a killed process would.</summary>
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await renewing;
    }

    private static async Task<Holder?> ReadHolderAsync(BlobClient blob, CancellationToken cancellation)
    {
        var content = await blob.DownloadContentAsync(cancellation);
        var holder = content.Value.Content.ToObjectFromJson<Holder>();
        return holder is { Machine: not null } ? holder : null;
    }
}
