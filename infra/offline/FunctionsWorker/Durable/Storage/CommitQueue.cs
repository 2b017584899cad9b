using System.Threading.Channels;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>A record that was applied and waits for the store, with what may happen once it is there.</summary>
/// <param name="Changed">What <see cref="HubState.Apply"/> said.</param>
internal sealed record Pending(IReadOnlyList<byte[]> Lines, int Size, Action[] Effects, TaskCompletionSource<int>? Durable, int Changed);

/// <summary>Records between memory and store, in the order in which they were applied.</summary>
internal sealed class CommitQueue(HubState hub)
{
    /// <summary>So much may wait for the store before orchestrators are held back.</summary>
    private const long MaxWaiting = 32 * 1024 * 1024;

    // All under the hub's lock.
    private readonly Queue<Pending> waiting = new();
    private readonly List<Action> effects = [];
    private long waitingBytes;
    private bool isWriting;
    private Exception? closed;
    private TaskCompletionSource room = Ended();

    private readonly Channel<bool> arrived = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    /// <summary>Applies a record and queues it. After the end it does nothing but fail <paramref name="durable"/>.</summary>
    public void Add(LogRecord record, TaskCompletionSource<int>? durable)
    {
        var lines = RecordLines.Encode(record);
        var size = lines.Sum(line => line.Length);
        lock (hub.Sync)
        {
            if (closed is not null)
            {
                durable?.TrySetException(closed);
                return;
            }
            var changed = Apply(record);
            waiting.Enqueue(new(lines, size, [.. effects], durable, changed));
            effects.Clear();
            waitingBytes += size;
            if (waitingBytes > MaxWaiting && room.Task.IsCompleted) room = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
        arrived.Writer.TryWrite(true);
    }

    /// <summary>Keeps an effect of the record that is being applied until that record is durable. Call under the hub's lock.</summary>
    public void WhenDurable(Action effect) => effects.Add(effect);

    /// <summary>Ends when everything that was applied up to now is durable.</summary>
    public Task BarrierAsync()
    {
        lock (hub.Sync)
        {
            if (closed is not null) throw closed;
            if (waiting.Count == 0 && !isWriting) return Task.CompletedTask;
            var durable = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            waiting.Enqueue(new([], 0, [], durable, 0));
            arrived.Writer.TryWrite(true);
            return durable.Task;
        }
    }

    /// <summary>Ends when not too much waits for the store.</summary>
    public Task RoomAsync()
    {
        lock (hub.Sync) return room.Task;
    }

    /// <summary>Waits for something to be there; false when nothing more will come.</summary>
    public async Task<bool> WaitAsync(CancellationToken cancellation) =>
        await arrived.Reader.WaitToReadAsync(cancellation) && arrived.Reader.TryRead(out _);

    /// <summary>Takes up to so many bytes, but at least one record. What was taken before is now done with.</summary>
    public List<Pending> Take(long maxBytes)
    {
        var batch = new List<Pending>();
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

    /// <summary>No more is expected.</summary>
    public void Complete() => arrived.Writer.TryComplete();

    /// <summary>Nothing more is taken, and what waits will never be durable.</summary>
    public void Close(Exception reason)
    {
        arrived.Writer.TryComplete();
        lock (hub.Sync) closed ??= reason;
        foreach (var entry in Take(long.MaxValue)) entry.Durable?.TrySetException(reason);
        room.TrySetResult();
    }

    // A record that cannot be applied would leave memory different from what the log says: then it is better to end, and to read the log anew.
    private int Apply(LogRecord record)
    {
        try
        {
            return hub.Apply(record);
        }
        catch (Exception e)
        {
            effects.Clear();
            closed = new HubLostException($"The durable engine could not apply a record ({record.GetType().Name}): {e.Message}", e);
            arrived.Writer.TryComplete(closed);
            throw closed;
        }
    }

    private static TaskCompletionSource Ended()
    {
        var source = new TaskCompletionSource();
        source.SetResult();
        return source;
    }
}
