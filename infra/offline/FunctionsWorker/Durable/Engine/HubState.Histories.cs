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
    public HistoryKept[] FinishedHistories() =>
        [.. finished.Distinct().Where(key => Finished(key.Id, key.Execution) is { History.Count: > 0 })
            .Select(key => new HistoryKept(key.Id, key.Execution, [.. instances[key.Id].History]))];

    private int Move(HistoriesMoved moved)
    {
        finished.Clear();
        finishedSize = 0;
        foreach (var move in moved.Moves)
        {
            if (Finished(move.Id, move.Execution) is not { } instance) continue;
            instance.History.Clear();
            instance.History.TrimExcess();
            instance.Archived = move.Place;
        }
        return moved.Moves.Count;
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
