using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>How the histories of finished executions leave memory.</summary>
internal sealed partial class HubState
{
    private readonly Queue<(string Id, string Execution)> finished = new();
    private long finishedSize;

    /// <summary>About how many characters of finished histories are held in memory.</summary>
    public long FinishedHistorySize => finishedSize;

    /// <summary>The finished histories in memory, to be archived.</summary>
    public HistoryKept[] FinishedHistories()
    {
        CountFinishedAnew();
        return [.. finished.Select(key => new HistoryKept(key.Id, key.Execution, [.. instances[key.Id].History]))];
    }

    /// <summary>It is still the whole history of that execution, and not archived.</summary>
    public bool IsCurrent(HistoryKept history) =>
        Finished(history.Id, history.Execution) is { History.Count: > 0 } instance && instance.History.Count == history.Episodes.Count
        && ReferenceEquals(instance.History[^1], history.Episodes[^1]);

    private int Move(HistoriesMoved moved)
    {
        foreach (var move in moved.Moves)
        {
            if (Finished(move.Id, move.Execution) is not { } instance) continue;
            instance.History.Clear();
            instance.History.TrimExcess();
            instance.Archived = move.Place;
        }
        CountFinishedAnew();
        return moved.Moves.Count;
    }

    // Some were purged or replaced since they were counted; some may have finished while others were written, and wait for the next time.
    private void CountFinishedAnew()
    {
        var rest = finished.Distinct().Where(key => Finished(key.Id, key.Execution) is { History.Count: > 0 }).ToArray();
        finished.Clear();
        finishedSize = 0;
        foreach (var (id, _) in rest) CountFinished(instances[id]);
    }

    private void CountFinished(Instance instance)
    {
        finished.Enqueue((instance.Id, instance.Execution));
        finishedSize += instance.History.Sum(episode => episode.Size);
    }

    private int Keep(HistoryKept kept)
    {
        var instance = instances[kept.Id];
        instance.History.AddRange(kept.Episodes);
        if (!instance.IsFinished) return 1;
        finished.Enqueue((kept.Id, kept.Execution));
        finishedSize += kept.Episodes.Sum(episode => episode.Size);
        return 1;
    }

    private Instance? Finished(string id, string execution) =>
        instances.TryGetValue(id, out var instance) && instance.Execution == execution && instance.IsFinished ? instance : null;
}
