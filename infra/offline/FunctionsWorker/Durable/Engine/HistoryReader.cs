using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>The past of one execution.</summary>
internal sealed record ReadHistory(Instance Instance, string Execution, IReadOnlyList<Episode> Episodes);

/// <summary>Reads the history of an instance's current or last execution, from memory or from the archive.</summary>
internal sealed class HistoryReader(HubState hub, LogWriter log, HistoryArchive archive)
{
    /// <summary>Null if there is no such instance (any more).</summary>
    public async Task<ReadHistory?> ReadAsync(string id, CancellationToken cancellation)
    {
        ReadHistory read;
        HistoryPlace? place;
        lock (hub.Sync)
        {
            if (!hub.Instances.TryGetValue(id, out var instance)) return null;
            (read, place) = (new(instance, instance.Execution, [.. instance.History]), instance.Archived);
        }
        await log.BarrierAsync().WaitAsync(cancellation);
        if (place is null) return read;
        return await archive.ReadAsync(place, cancellation) is { } episodes ? read with { Episodes = episodes } : null;
    }
}
