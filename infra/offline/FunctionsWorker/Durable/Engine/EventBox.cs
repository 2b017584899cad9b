using Microsoft.DurableTask;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>
/// External events by name, ignoring case: kept in order of arrival until someone waits for them; of several open waits the latest
/// is served first.
/// </summary>
internal sealed class EventBox(DataConverter converter)
{
    private abstract class Waiter(Type type)
    {
        public Type Type { get; } = type;

        public abstract void Receive(string? payload);
    }

    private sealed class Waiter<T>(DataConverter converter) : Waiter(typeof(T))
    {
        public TaskCompletionSource<T> Source { get; } = new();

        public override void Receive(string? payload)
        {
            T value;
            try
            {
                value = converter.Deserialize<T>(payload)!;
            }
            catch (Exception e)
            {
                Source.TrySetException(e);
                return;
            }
            Source.TrySetResult(value);
        }
    }

    private readonly Dictionary<string, List<Waiter>> waiters = new(StringComparer.OrdinalIgnoreCase);
    private readonly List<EventRaised> unread = [];

    public bool HasWaiters => waiters.Values.Any(list => list.Count > 0);

    /// <summary>Events nobody has read, in order of arrival.</summary>
    public IReadOnlyList<EventRaised> Unread => unread;

    public void Receive(EventRaised raised)
    {
        if (waiters.TryGetValue(raised.Name, out var open) && open.Count > 0)
        {
            var latest = open[^1];
            open.RemoveAt(open.Count - 1);
            latest.Receive(raised.Payload);
        }
        else
        {
            unread.Add(raised);
        }
    }

    public Task<T> WaitAsync<T>(string name, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return Task.FromCanceled<T>(cancellation);
        var waiter = new Waiter<T>(converter);
        var index = unread.FindIndex(e => string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase));
        if (index >= 0)
        {
            var payload = unread[index].Payload;
            unread.RemoveAt(index);
            waiter.Receive(payload);
            return waiter.Source.Task;
        }
        if (!waiters.TryGetValue(name, out var open)) waiters.Add(name, open = []);
        if (open.FirstOrDefault(w => w.Type != typeof(T)) is { } other)
            throw new ArgumentException(
                $"Event '{name}' is already awaited as {other.Type}; it cannot be awaited as {typeof(T)} too.", nameof(name));
        open.Add(waiter);
        cancellation.Register(() =>
        {
            open.Remove(waiter);
            waiter.Source.TrySetCanceled(cancellation);
        });
        return waiter.Source.Task;
    }
}
