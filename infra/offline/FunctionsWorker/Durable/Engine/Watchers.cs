namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Clients that wait for an instance to start or to finish. Guarded by the hub's lock.</summary>
internal sealed class Watchers
{
    private sealed record Watcher(Func<Instance, bool> Until, TaskCompletionSource<Instance> Source);

    private readonly Dictionary<string, List<Watcher>> waiting = new(StringComparer.Ordinal);

    /// <summary>A task that ends when <paramref name="until"/> holds, or fails when the instance is purged.</summary>
    public Task<Instance> Watch(Instance instance, Func<Instance, bool> until, CancellationToken cancellation)
    {
        var source = new TaskCompletionSource<Instance>(TaskCreationOptions.RunContinuationsAsynchronously);
        if (until(instance))
        {
            source.SetResult(instance);
            return source.Task;
        }
        if (!waiting.TryGetValue(instance.Id, out var list)) waiting.Add(instance.Id, list = []);
        list.RemoveAll(w => w.Source.Task.IsCompleted); // those who gave up
        list.Add(new(until, source));
        cancellation.Register(() => source.TrySetCanceled(cancellation));
        return source.Task;
    }

    public void Changed(string id, Instance? instance)
    {
        if (!waiting.TryGetValue(id, out var list)) return;
        foreach (var watcher in list)
        {
            if (instance is null)
                watcher.Source.TrySetException(new InvalidOperationException($"The orchestration instance '{id}' was purged."));
            else if (watcher.Until(instance))
                watcher.Source.TrySetResult(instance);
        }
        list.RemoveAll(w => w.Source.Task.IsCompleted);
        if (list.Count == 0) waiting.Remove(id);
    }

    public void Abandon(Exception reason)
    {
        foreach (var watcher in waiting.Values.SelectMany(list => list)) watcher.Source.TrySetException(reason);
        waiting.Clear();
    }
}
