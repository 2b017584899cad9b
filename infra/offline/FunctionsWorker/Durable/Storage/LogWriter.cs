using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>
/// Group commit, with memory one step ahead of the store. A record is applied to the hub the moment it is given, so that an orchestrator
/// goes on at once, and waits, in the order of application, for the next block. Nothing that can be seen outside (an activity that runs,
/// an answer to a client) happens before its record is in the store: <see cref="WhenDurable"/>. So an activity's answer, the episode that
/// it leads to and the activities that this asks for are one append together, and a kill loses only what nobody has seen.
/// </summary>
internal sealed class LogWriter(SegmentedLog log, HubState hub, HistoryArchive archive, int archiveAfter, ILogger logger)
{
    private readonly CommitQueue queue = new(hub);
    private readonly CancellationTokenSource abandon = new();
    private Task loop = Task.CompletedTask;

    /// <param name="gather">Awaited before a block is made: lets work that is about to add records do so.</param>
    public void Start(Func<Task> gather, Action<Exception> onLost) => loop = Task.Run(() => RunAsync(gather, onLost));

    /// <summary>Applies and appends a record; the task ends when it is durable, with what <see cref="HubState.Apply"/> said.</summary>
    public Task<int> AppendAsync(LogRecord record)
    {
        var durable = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        queue.Add(record, durable);
        return durable.Task;
    }

    /// <summary>Applies and appends without waiting. After the end it does nothing: the work is done again by the next process.</summary>
    public void Append(LogRecord record) => queue.Add(record, null);

    /// <summary>Keeps an effect of the record that is being applied until that record is durable. Call under the hub's lock.</summary>
    public void WhenDurable(Action effect) => queue.WhenDurable(effect);

    /// <summary>Ends when everything that was applied up to now is durable. A client's read waits for it: it never tells what a kill could undo.</summary>
    /// <exception cref="HubLostException">Nothing is written, and so nothing will happen, any more.</exception>
    public Task BarrierAsync() => queue.BarrierAsync();

    /// <summary>Ends when not too much waits for the store.</summary>
    public Task RoomAsync() => queue.RoomAsync();

    /// <summary>Writes what waits, then ends.</summary>
    public Task DrainAsync()
    {
        queue.Complete();
        return loop;
    }

    /// <summary>Ends at once, as a killed process would: what waits is not written.</summary>
    public async Task AbandonAsync()
    {
        queue.Complete();
        await abandon.CancelAsync();
        await loop;
    }

    private async Task RunAsync(Func<Task> gather, Action<Exception> onLost)
    {
        Exception end = new HubLostException("The durable engine is not running.");
        try
        {
            while (await queue.WaitAsync(abandon.Token))
            {
                await gather();
                await CommitAllAsync();
                if (hub.FinishedHistorySize > archiveAfter) await ArchiveAsync();
                if (log.IsLong) await RollAsync();
            }
            await CommitAllAsync();
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            end = Stopped();
        }
        catch (Exception e)
        {
            end = e;
            logger.LogCritical(e, "The durable log has ended: {Reason}", e.Message);
            onLost(e);
        }
        queue.Close(end);
    }

    private async Task CommitAllAsync()
    {
        while (queue.Take(RecordLines.MaxBlock) is { Count: > 0 } batch) await CommitAsync(batch);
    }

    private async Task ArchiveAsync()
    {
        HistoryKept[] histories;
        lock (hub.Sync) histories = hub.FinishedHistories();
        if (histories.Length == 0) return;
        var moves = await archive.WriteAsync(histories, abandon.Token);
        // Meanwhile an instance may have been rewound: then it has another past than the one that was written.
        lock (hub.Sync) Append(new HistoriesMoved([.. moves.Zip(histories).Where(pair => hub.IsCurrent(pair.Second)).Select(pair => pair.First)]));
    }

    // What the snapshot holds must not be written after it: whatever was applied until then goes into the old segment first.
    private async Task RollAsync()
    {
        List<Pending> rest;
        LogRecord[] snapshot;
        lock (hub.Sync)
        {
            rest = queue.Take(long.MaxValue);
            snapshot = hub.Snapshot();
        }
        await CommitAsync(rest);
        await log.RollAsync(snapshot, abandon.Token);
        await archive.DeleteUnusedAsync(snapshot, abandon.Token);
    }

    private async Task CommitAsync(List<Pending> batch)
    {
        try
        {
            await WriteAsync(batch.SelectMany(entry => entry.Lines));
        }
        catch (Exception e)
        {
            var reason = e is OperationCanceledException ? Stopped() : e;
            foreach (var entry in batch) entry.Durable?.TrySetException(reason);
            throw;
        }
        lock (hub.Sync)
        {
            foreach (var effect in batch.SelectMany(entry => entry.Effects)) effect();
        }
        foreach (var entry in batch) entry.Durable?.TrySetResult(entry.Changed);
    }

    private async Task WriteAsync(IEnumerable<byte[]> lines)
    {
        var block = new MemoryStream();
        foreach (var line in lines)
        {
            if (block.Length + line.Length > RecordLines.MaxBlock) await Flush();
            block.Write(line);
        }
        await Flush();

        async Task Flush()
        {
            if (block.Length == 0) return;
            await log.AppendAsync(block.ToArray(), abandon.Token);
            block.SetLength(0);
        }
    }

    private static HubLostException Stopped() => new("The durable engine was stopped before this was written.");
}
