using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>
/// Group commit, with memory one step ahead of the store. A record is applied to the hub the moment it is given, so that an orchestrator
/// goes on at once, and waits here, in the order of application, for the next block. Nothing that can be seen outside (an activity that
/// runs, an answer to a client) happens before its record is in the store: <see cref="WhenDurable"/>. So an activity's answer, the episode
/// that it leads to and the activities that this asks for are one append together, and a kill loses only what nobody has seen.
/// </summary>
internal sealed class LogWriter(SegmentedLog log, HubState hub, HistoryArchive archive, int archiveAfter, ILogger logger)
{
    /// <summary>So much may wait for the store before orchestrators are held back.</summary>
    private const long MaxWaiting = 32 * 1024 * 1024;

    private sealed record Entry(IReadOnlyList<byte[]> Lines, int Size, Action[] Effects, TaskCompletionSource<int>? Durable, int Changed);

    // All under the hub's lock.
    private readonly Queue<Entry> waiting = new();
    private readonly List<Action> effects = [];
    private long waitingBytes;
    private bool isWriting, isClosed;
    private TaskCompletionSource room = Ended();

    private readonly Channel<bool> arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly CancellationTokenSource abandon = new();
    private Exception? lost;
    private Task loop = Task.CompletedTask;

    /// <param name="gather">Awaited before a block is made: lets work that is about to add records do so.</param>
    public void Start(Func<Task> gather, Action<Exception> onLost) => loop = Task.Run(() => RunAsync(gather, onLost));

    /// <summary>Applies and appends a record; the task ends when it is durable, with what <see cref="HubState.Apply"/> said.</summary>
    public Task<int> AppendAsync(LogRecord record)
    {
        var durable = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        Add(record, durable);
        return durable.Task;
    }

    /// <summary>Applies and appends without waiting. After the end it does nothing: the work is done again by the next process.</summary>
    public void Append(LogRecord record) => Add(record, null);

    /// <summary>Ends when everything that was applied up to now is durable. A client's read waits for it: it never tells what a kill could undo.</summary>
    /// <exception cref="HubLostException">Nothing is written, and so nothing will happen, any more.</exception>
    public Task BarrierAsync()
    {
        lock (hub.Sync)
        {
            if (isClosed) throw Closed();
            if (waiting.Count == 0 && !isWriting) return Task.CompletedTask;
            var durable = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(new([], 0, [], durable, 0));
            arrived.Writer.TryWrite(true);
            return durable.Task;
        }
    }

    /// <summary>Keeps an effect of the record that is being applied until that record is durable. Call under the hub's lock.</summary>
    public void WhenDurable(Action effect) => effects.Add(effect);

    /// <summary>Ends when not too much waits for the store.</summary>
    public Task RoomAsync()
    {
        lock (hub.Sync) return room.Task;
    }

    /// <summary>Writes what waits, then ends.</summary>
    public Task DrainAsync()
    {
        arrived.Writer.TryComplete();
        return loop;
    }

    /// <summary>Ends at once, as a killed process would: what waits is not written.</summary>
    public async Task AbandonAsync()
    {
        arrived.Writer.TryComplete();
        await abandon.CancelAsync();
        await loop;
    }

    private void Add(LogRecord record, TaskCompletionSource<int>? durable)
    {
        var lines = RecordLines.Encode(record);
        var size = lines.Sum(line => line.Length);
        lock (hub.Sync)
        {
            if (isClosed)
            {
                durable?.TrySetException(Closed());
                return;
            }
            var changed = hub.Apply(record);
            waiting.Enqueue(new(lines, size, [.. effects], durable, changed));
            effects.Clear();
            waitingBytes += size;
            if (waitingBytes > MaxWaiting && room.Task.IsCompleted) room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        arrived.Writer.TryWrite(true);
    }

    private async Task RunAsync(Func<Task> gather, Action<Exception> onLost)
    {
        try
        {
            while (await arrived.Reader.WaitToReadAsync(abandon.Token))
            {
                arrived.Reader.TryRead(out _);
                await gather();
                while (Take(RecordLines.MaxBlock) is { Count: > 0 } batch) await CommitAsync(batch);
                if (hub.FinishedHistorySize > archiveAfter) await ArchiveAsync();
                if (log.IsLong) await RollAsync();
            }
            while (Take(RecordLines.MaxBlock) is { Count: > 0 } batch) await CommitAsync(batch);
        }
        catch (OperationCanceledException) when (abandon.IsCancellationRequested)
        {
            lost = new HubLostException("The durable engine was stopped before this was written.");
        }
        catch (Exception e)
        {
            lost = e;
            logger.LogCritical(e, "The durable log has ended: {Reason}", e.Message);
            onLost(e);
        }
        arrived.Writer.TryComplete();
        lock (hub.Sync) isClosed = true;
        foreach (var entry in Take(long.MaxValue)) entry.Durable?.TrySetException(Closed());
        room.TrySetResult();
    }

    // What the snapshot holds must not be written after it: whatever was applied until then goes into the old segment first.
    private async Task RollAsync()
    {
        List<Entry> rest;
        LogRecord[] snapshot;
        lock (hub.Sync)
        {
            rest = Take(long.MaxValue);
            snapshot = hub.Snapshot();
        }
        await CommitAsync(rest);
        await log.RollAsync(snapshot, abandon.Token);
        await archive.DeleteUnusedAsync(hub, abandon.Token);
    }

    private async Task ArchiveAsync()
    {
        HistoryKept[] histories;
        lock (hub.Sync) histories = hub.FinishedHistories();
        if (histories.Length > 0) Append(new HistoriesMoved(await archive.WriteAsync(histories, abandon.Token)));
    }

    private async Task CommitAsync(List<Entry> batch)
    {
        try
        {
            await WriteAsync(batch.SelectMany(entry => entry.Lines));
        }
        catch (Exception e)
        {
            var reason = e is OperationCanceledException ? Closed() : e;
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

    private List<Entry> Take(long maxBytes)
    {
        var batch = new List<Entry>();
        lock (hub.Sync)
        {
            var bytes = 0L;
            while (waiting.TryPeek(out var next) && (batch.Count == 0 || bytes + next.Size <= maxBytes))
            {
                bytes += next.Size;
                batch.Add(waiting.Dequeue());
            }
            isWriting = batch.Count > 0;
            waitingBytes -= bytes;
            if (waitingBytes <= MaxWaiting) room.TrySetResult();
        }
        return batch;
    }

    private Exception Closed() => lost ?? new HubLostException("The durable engine is not running.");

    private static TaskCompletionSource Ended()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
