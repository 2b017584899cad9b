namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>
/// The one thread an orchestrator runs on during an episode, as its synchronization context: continuations of the context's tasks run
/// on it, in order. A continuation that comes from any other thread is proof that the orchestrator awaited something foreign.
/// </summary>
internal sealed class EpisodeThread(Action onForeign) : SynchronizationContext
{
    private readonly Queue<(SendOrPostCallback Run, object? State)> queue = new();
    private int thread;

    /// <summary>Set for good by the first foreign continuation, which is not run.</summary>
    public bool SawForeignAwait { get; private set; }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Environment.CurrentManagedThreadId == Volatile.Read(ref thread))
        {
            queue.Enqueue((d, state));
            return;
        }
        lock (queue)
        {
            SawForeignAwait = true;
            Monitor.PulseAll(queue);
        }
        onForeign();
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("An orchestrator's synchronization context cannot be sent to from outside.");

    public override SynchronizationContext CreateCopy() => this;

    /// <summary>Runs a step of the orchestrator and all continuations that follow from it, on the calling thread.</summary>
    public void Run(Action step)
    {
        var outer = Current;
        Volatile.Write(ref thread, Environment.CurrentManagedThreadId);
        SetSynchronizationContext(this);
        try
        {
            step();
            while (queue.TryDequeue(out var next)) next.Run(next.State);
        }
        finally
        {
            SetSynchronizationContext(outer);
            Volatile.Write(ref thread, 0);
        }
    }

    /// <summary>Waits for a task that the orchestrator's host may finish elsewhere, or for a foreign continuation to show itself.</summary>
    public void WaitFor(Task task, TimeSpan patience)
    {
        task.ContinueWith(_ => { lock (queue) Monitor.PulseAll(queue); }, TaskScheduler.Default);
        lock (queue)
        {
            if (!task.IsCompleted && !SawForeignAwait) Monitor.Wait(queue, patience);
        }
    }
}
