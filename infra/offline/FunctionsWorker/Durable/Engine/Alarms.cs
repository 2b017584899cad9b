namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Runs actions at or after their time: durable timers and delayed starts. One timer for all.</summary>
internal sealed class Alarms : IAsyncDisposable
{
    private static readonly TimeSpan longest = TimeSpan.FromHours(1); // looks again at least this often, in case the clock was set

    private readonly Lock sync = new();
    private readonly PriorityQueue<Action, DateTime> due = new();
    private readonly Timer timer;
    private bool disposed;

    public Alarms() => timer = new Timer(_ => Ring());

    public void Set(DateTime at, Action action)
    {
        lock (sync)
        {
            due.Enqueue(action, at);
            if (due.Peek() == action) Arm();
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (sync) disposed = true;
        return timer.DisposeAsync();
    }

    private void Ring()
    {
        var actions = new List<Action>();
        lock (sync)
        {
            while (due.TryPeek(out var action, out var at) && at <= DateTime.UtcNow)
            {
                due.Dequeue();
                actions.Add(action);
            }
            Arm();
        }
        foreach (var action in actions) action();
    }

    private void Arm()
    {
        if (disposed || !due.TryPeek(out _, out var at)) return;
        var wait = at - DateTime.UtcNow;
        // A millisecond more than needed: the timer may ring early, a durable timer must not.
        var next = wait <= TimeSpan.Zero ? TimeSpan.Zero : wait < longest ? wait + TimeSpan.FromMilliseconds(1) : longest;
        timer.Change(next, Timeout.InfiniteTimeSpan);
    }
}
