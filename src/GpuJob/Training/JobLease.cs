using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.GpuJob.Training;

/// <summary>
/// One job a run: a blob lease that lives as long as this process renews it. A holder that died lets go after 15 seconds, so a restarted
/// job waits a little longer than that before it says that another one is running.
/// </summary>
public sealed class JobLease : IAsyncDisposable
{
    private static readonly TimeSpan Duration = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan RenewEvery = TimeSpan.FromSeconds(4);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly BlobLeaseClient _lease;
    private readonly CancellationTokenSource _ended = new();
    private readonly CancellationTokenSource _lost = new();
    private readonly Task _renewing;

    private JobLease(BlobLeaseClient lease)
    {
        _lease = lease;
        _renewing = RenewAsync();
    }

    /// <summary>Fires when the lease could not be renewed in time: another job may own the run, so nothing may be written any more.</summary>
    public CancellationToken Lost => _lost.Token;

    /// <summary>The lease, or null where another process keeps holding it.</summary>
    public static async Task<JobLease?> TryAcquireAsync(TpoStorage storage, string runId, CancellationToken cancellation)
    {
        var blob = storage.Container(Containers.Training).GetBlobClient(TrainingBlobs.Lease(runId));
        if (!await blob.ExistsAsync(cancellation))
            await CreateAsync(blob, cancellation);
        var lease = blob.GetBlobLeaseClient();
        for (var deadline = DateTime.UtcNow + Patience; ;)
        {
            try
            {
                await lease.AcquireAsync(Duration, cancellationToken: cancellation);
                return new JobLease(lease);
            }
            catch (RequestFailedException e) when (e.Status == 409)
            {
                if (DateTime.UtcNow >= deadline)
                    return null;
            }
            await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
        }
    }

    private static async Task CreateAsync(Azure.Storage.Blobs.BlobClient blob, CancellationToken cancellation)
    {
        try
        {
            await blob.UploadAsync(BinaryData.FromString(""), new BlobUploadOptions { Conditions = new() { IfNoneMatch = ETag.All } }, cancellation);
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412)
        {
            // Another job made it at the same moment: the lease decides between the two.
        }
    }

    private async Task RenewAsync()
    {
        var renewed = DateTime.UtcNow;
        while (!_ended.IsCancellationRequested)
        {
            try
            {
                await Task.Delay(RenewEvery, _ended.Token);
                await _lease.RenewAsync(cancellationToken: _ended.Token);
                renewed = DateTime.UtcNow;
            }
            catch (OperationCanceledException) when (_ended.IsCancellationRequested)
            {
                return;
            }
            catch (RequestFailedException e) when (e.Status is 404 or 409 or 412)
            {
                await _lost.CancelAsync();
                return;
            }
            catch (Exception) when (DateTime.UtcNow - renewed < Duration)
            {
                // Storage is away for a moment; the lease still holds, so the next round tries again.
            }
            catch (Exception)
            {
                await _lost.CancelAsync();
                return;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ended.CancelAsync();
        await _renewing;
        try
        {
            if (!_lost.IsCancellationRequested)
                await _lease.ReleaseAsync();
        }
        catch (Exception e) when (e is RequestFailedException or AggregateException)
        {
            // It runs out by itself.
        }
        _ended.Dispose();
        _lost.Dispose();
    }
}
