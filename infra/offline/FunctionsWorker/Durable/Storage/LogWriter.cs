using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>
/// Group commit: one loop takes whatever waits, writes it as one block, applies it to the hub in the same order, then answers. While a
/// block is on its way the next gathers, so the store sees one write a round trip however many messages there are.
/// </summary>
internal sealed class LogWriter(SegmentedLog log, HubState hub, ILogger logger)
{
    private sealed record Entry(LogRecord Record, IReadOnlyList<byte[]> Lines, TaskCompletionSource<int>? Applied);

    private readonly Channel<Entry> queue = Channel.CreateUnbounded<Entry>(new() { SingleReader = true });
    private readonly CancellationTokenSource abandon = new();
    private Exception? lost;
    private Task loop = Task.CompletedTask;

    public void Start(Action<Exception> onLost) => loop = Task.Run(() => RunAsync(onLost));

    /// <summary>Appends a record; the task ends when it is durable and applied, with what <see cref="HubState.Apply"/> said.</summary>
    public Task<int> AppendAsync(LogRecord record)
    {
        var applied = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!queue.Writer.TryWrite(new(record, RecordLines.Encode(record), applied))) applied.TrySetException(Closed());
        return applied.Task;
    }

    /// <summary>Appends without waiting. After the end it does nothing: what was not written is done again by the next process.</summary>
    public void Append(LogRecord record) => queue.Writer.TryWrite(new(record, RecordLines.Encode(record), null));

    /// <exception cref="HubLostException">Nothing is written, and so nothing will happen, any more.</exception>
    public void EnsureOpen()
    {
        if (loop.IsCompleted) throw Closed();
    }

    /// <summary>Writes what waits, then ends.</summary>
    public Task DrainAsync()
    {
        queue.Writer.TryComplete();
        return loop;
    }

    /// <summary>Ends at once, as a killed process would: what waits is not written.</summary>
    public async Task AbandonAsync()
    {
        queue.Writer.TryComplete();
        await abandon.CancelAsync();
        await loop;
    }

    private async Task RunAsync(Action<Exception> onLost)
    {
        var batch = new List<Entry>();
        try
        {
            while (await queue.Reader.WaitToReadAsync(abandon.Token))
            {
                await WriteBatchAsync(batch);
                if (log.IsLong) await log.RollAsync(hub.Snapshot(), abandon.Token);
            }
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
        queue.Writer.TryComplete();
        foreach (var entry in batch) entry.Applied?.TrySetException(Closed());
        while (queue.Reader.TryRead(out var entry)) entry.Applied?.TrySetException(Closed());
    }

    private async Task WriteBatchAsync(List<Entry> batch)
    {
        batch.Clear();
        var block = new MemoryStream();
        while (queue.Reader.TryPeek(out var entry))
        {
            var size = entry.Lines.Sum(line => line.Length);
            if (block.Length > 0 && block.Length + size > RecordLines.MaxBlock) break;
            queue.Reader.TryRead(out _);
            batch.Add(entry);
            foreach (var line in entry.Lines)
            {
                if (block.Length + line.Length > RecordLines.MaxBlock) await Flush();
                block.Write(line);
            }
        }
        await Flush();
        var results = new int[batch.Count];
        lock (hub.Sync)
        {
            for (var i = 0; i < results.Length; i++) results[i] = hub.Apply(batch[i].Record);
        }
        for (var i = 0; i < results.Length; i++) batch[i].Applied?.TrySetResult(results[i]);
        batch.Clear();

        async Task Flush()
        {
            await log.AppendAsync(block.ToArray(), abandon.Token);
            block.SetLength(0);
        }
    }

    private Exception Closed() => lost ?? new HubLostException("The durable engine is not running.");
}
