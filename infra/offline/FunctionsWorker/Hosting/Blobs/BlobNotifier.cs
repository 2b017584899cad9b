using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Plays Event Grid over Azurite: sweeps all watched containers one after the other about every second, less often where listing is slow:
/// listing takes at most a tenth of the time.
/// </summary>
internal sealed class BlobNotifier(IReadOnlyList<BlobWatch> watches, ILogger<BlobNotifier> log)
{
    private static readonly TimeSpan shortestPause = TimeSpan.FromSeconds(1);

    public async Task RunAsync(CancellationToken cancellation)
    {
        var failing = new HashSet<BlobWatch>();
        while (true)
        {
            var listing = TimeSpan.Zero;
            foreach (var watch in watches)
                try
                {
                    listing += await watch.SweepAsync(cancellation);
                    failing.Remove(watch);
                }
                catch (Exception e) when (!cancellation.IsCancellationRequested)
                {
                    if (failing.Add(watch))
                        log.LogWarning("Cannot watch the container {Container} now, trying on: {Reason}", watch.Container, e.Message);
                }
            await Task.Delay(PauseAfter(listing), cancellation);
        }
    }

    /// <summary>Nine times the listing's own time, at least a second.</summary>
    public static TimeSpan PauseAfter(TimeSpan listing) => listing * 9 > shortestPause ? listing * 9 : shortestPause;
}
