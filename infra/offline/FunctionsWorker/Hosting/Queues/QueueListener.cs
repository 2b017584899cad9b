using Azure;
using Azure.Storage.Queues;
using Azure.Storage.Queues.Models;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>How one queue is read.</summary>
/// <param name="Concurrency">How many messages are worked on at a time.</param>
/// <param name="Batch">How many are fetched at a time, 32 at most.</param>
/// <param name="RetryAfter">How long a message stays hidden after a failure.</param>
internal sealed record QueueReading(int Concurrency, int Batch, int MaxDequeueCount, bool Base64, TimeSpan RetryAfter, TimeSpan MaxPollingInterval)
{
    /// <summary>Short, so that what a killed host held comes back soon; renewed while the message is handled.</summary>
    public TimeSpan Hidden { get; init; } = TimeSpan.FromSeconds(30);
}

/// <summary>
/// Reads one queue: at least once, several messages at a time, each hidden from others while it is handled. A message that fails
/// MaxDequeueCount times goes to the poison handler and out of the queue.
/// </summary>
internal sealed class QueueListener(
    QueueClient queue, QueueReading reading, Func<QueueArrival, CancellationToken, Task> handle, Func<QueueArrival, CancellationToken, Task> poison,
    SemaphoreSlim arrived, ILogger log)
{
    private static readonly TimeSpan firstPause = TimeSpan.FromMilliseconds(100);

    public async Task RunAsync(CancellationToken cancellation)
    {
        using var slots = new SemaphoreSlim(reading.Concurrency);
        var pause = firstPause;
        var failing = false;
        try
        {
            while (true)
            {
                await slots.WaitAsync(cancellation);
                var taken = 1;
                while (taken < reading.Batch && slots.Wait(0, CancellationToken.None))
                    taken++;
                QueueMessage[] messages = [];
                try
                {
                    messages = (await queue.ReceiveMessagesAsync(taken, reading.Hidden, cancellation)).Value;
                    failing = false;
                }
                catch (Exception) when (cancellation.IsCancellationRequested)
                {
                    slots.Release(taken);
                    throw;
                }
                catch (RequestFailedException e) when (e.Status == 404)
                {
                    // the queue is not made yet
                }
                catch (Exception e)
                {
                    if (!failing)
                        log.LogWarning("Cannot read the queue {Queue} now, trying on: {Reason}", queue.Name, e.Message);
                    failing = true;
                }
                if (taken > messages.Length)
                    slots.Release(taken - messages.Length);
                foreach (var message in messages)
                    _ = Task.Run(() => ProcessInSlotAsync(message, slots, cancellation), CancellationToken.None);
                pause = messages.Length > 0 ? firstPause : Min(pause * 2, reading.MaxPollingInterval);
                if (messages.Length == 0)
                    await arrived.WaitAsync(pause, cancellation);
            }
        }
        finally
        {
            for (var i = 0; i < reading.Concurrency; i++)
                await slots.WaitAsync(CancellationToken.None);
        }
    }

    private async Task ProcessInSlotAsync(QueueMessage message, SemaphoreSlim slots, CancellationToken stopping)
    {
        try
        {
            await ProcessAsync(message, stopping);
        }
        catch (Exception e)
        {
            log.LogError(e, "Message {Id} of queue {Queue} stays there and will be tried again", message.MessageId, queue.Name);
        }
        finally
        {
            slots.Release();
        }
    }

    private async Task ProcessAsync(QueueMessage message, CancellationToken stopping)
    {
        using var done = new CancellationTokenSource();
        var hidden = KeepHiddenAsync(message, done.Token);
        var readable = QueueBody.TryDecode(message, reading.Base64, out var body);
        var arrival = new QueueArrival(message, body) { Names = QueueBody.Names(message, body) };
        var last = !readable || message.DequeueCount >= reading.MaxDequeueCount;
        Exception? failure = null;
        try
        {
            if (!readable)
                throw new FormatException("The message is not base64, which messageEncoding of host.json asks for.");
            if (message.DequeueCount > reading.MaxDequeueCount)
                throw new InvalidOperationException("The host was killed in the last attempt.");
            await handle(arrival, stopping);
        }
        catch (Exception e)
        {
            failure = e;
        }
        await done.CancelAsync();
        var receipt = await hidden;

        if (failure is null)
            await queue.DeleteMessageAsync(message.MessageId, receipt, CancellationToken.None);
        else if (stopping.IsCancellationRequested)
            await ReleaseAsync(message, receipt, TimeSpan.Zero);
        else if (last)
        {
            log.LogError(failure, "Message {Id} of queue {Queue} is poison after {Count} attempts", message.MessageId, queue.Name, message.DequeueCount);
            await poison(arrival, CancellationToken.None);
            await queue.DeleteMessageAsync(message.MessageId, receipt, CancellationToken.None);
        }
        else
        {
            log.LogWarning(failure, "Attempt {Count} of {Max} failed for message {Id} of queue {Queue}",
                message.DequeueCount, reading.MaxDequeueCount, message.MessageId, queue.Name);
            await ReleaseAsync(message, receipt, reading.RetryAfter);
            if (arrived.CurrentCount == 0)
                arrived.Release();
        }
    }

    /// <summary>Renews the message's hiding until told to stop; returns the receipt that is valid then.</summary>
    private async Task<string> KeepHiddenAsync(QueueMessage message, CancellationToken done)
    {
        var receipt = message.PopReceipt;
        while (true)
        {
            await Task.Delay(reading.Hidden / 3, done).ContinueWith(_ => { }, TaskScheduler.Default);
            if (done.IsCancellationRequested)
                return receipt;
            try
            {
                receipt = (await queue.UpdateMessageAsync(message.MessageId, receipt, visibilityTimeout: reading.Hidden)).Value.PopReceipt;
            }
            catch (RequestFailedException e)
            {
                log.LogWarning("Message {Id} of queue {Queue} could not be kept hidden: {Reason}", message.MessageId, queue.Name, e.Message);
            }
        }
    }

    private async Task ReleaseAsync(QueueMessage message, string receipt, TimeSpan after) =>
        await queue.UpdateMessageAsync(message.MessageId, receipt, visibilityTimeout: after);

    private static TimeSpan Min(TimeSpan a, TimeSpan b) => a < b ? a : b;
}
