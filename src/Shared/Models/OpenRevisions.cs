namespace Tpo.Shared.Models;

/// <summary>An open model that stays open until this is disposed.</summary>
public sealed class ModelInUse : IDisposable
{
    private Action? _done;

    internal ModelInUse(VideoLanguageModel model, Action done) => (Model, _done) = (model, done);

    public VideoLanguageModel Model { get; }

    public void Dispose() => Interlocked.Exchange(ref _done, null)?.Invoke();
}

/// <summary>
/// Which revisions are open, and how many use each. Of each model the revision that was asked for last stays open for the next caller; any
/// other one is closed with its last user.
/// </summary>
public sealed class OpenRevisions : IDisposable
{
    private readonly Lock _gate = new();
    private readonly Dictionary<(string ModelId, string Revision), Entry> _entries = [];
    private readonly Dictionary<string, string> _newest = new(StringComparer.Ordinal);
    private bool _closed;

    private sealed class Entry(Func<Task<VideoLanguageModel>> open)
    {
        public Lazy<Task<VideoLanguageModel>> Model { get; } = new(async () => await open());
        /// <summary>A download that took too long ends in a cancellation, not in a fault.</summary>
        public bool Failed => Model is { IsValueCreated: true, Value: { IsCompleted: true, IsCompletedSuccessfully: false } };
        public int Users { get; set; }
    }

    /// <param name="open">opens the revision where it is not open; shared by all who wait, so no single caller's cancellation ends it</param>
    /// <exception cref="ObjectDisposedException">all was closed</exception>
    public async Task<ModelInUse> UseAsync(string modelId, string revision, Func<Task<VideoLanguageModel>> open, CancellationToken cancellation)
    {
        var key = (modelId, revision);
        Entry entry;
        Entry[] replaced;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            _newest[modelId] = revision;
            replaced = TakeUnneeded();
            if (!_entries.TryGetValue(key, out entry!))
                _entries.Add(key, entry = new Entry(open));
            entry.Users++;
        }
        // Before the new one is opened: it may need the memory.
        await CloseAsync(replaced);
        try
        {
            return new ModelInUse(await entry.Model.Value.WaitAsync(cancellation), () => Release(key, entry));
        }
        catch
        {
            Release(key, entry);
            throw;
        }
    }

    private void Release((string, string) key, Entry entry)
    {
        Entry[] unneeded;
        lock (_gate)
        {
            entry.Users--;
            // What could not be opened is tried again by the next caller.
            if (entry.Failed && _entries.GetValueOrDefault(key) == entry)
                _entries.Remove(key);
            unneeded = TakeUnneeded();
        }
        _ = CloseAsync(unneeded);
    }

    /// <summary>Under the gate: forgets all that nobody uses and nobody will ask for.</summary>
    private Entry[] TakeUnneeded()
    {
        var unneeded = _entries.Where(open => open.Value.Users == 0 && (_closed || _newest[open.Key.ModelId] != open.Key.Revision)).ToArray();
        foreach (var (key, _) in unneeded)
            _entries.Remove(key);
        return [.. unneeded.Select(open => open.Value)];
    }

    /// <summary>Now, or where its last user gave up waiting for it to open, as soon as it is open.</summary>
    private static async Task CloseAsync(Entry[] entries)
    {
        foreach (var entry in entries.Where(entry => entry.Model.IsValueCreated))
        {
            await ((Task)entry.Model.Value).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (entry.Model.Value.IsCompletedSuccessfully)
                entry.Model.Value.Result.Dispose();
        }
    }

    public void Dispose()
    {
        Entry[] unused;
        lock (_gate)
        {
            _closed = true;
            unused = TakeUnneeded();
        }
        _ = CloseAsync(unused);
    }
}
