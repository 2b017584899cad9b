using Tensor = TorchSharp.torch.Tensor;

namespace TorchSharp;

/// <summary>
/// Disposes, when it is disposed, every tensor that was made on its thread while it was the innermost scope, save those moved out.
/// Scopes belong to one thread: open and dispose a scope without an await in between.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    // A tensor remembers its place in the list, so leaving a scope costs nothing; places left empty are closed up when they are many.
    private readonly List<IDisposable?> _held = [];
    private readonly DisposeScope? _outer;
    private bool _disposed;

    internal DisposeScope(DisposeScope? outer) => _outer = outer;

    public int DisposablesCount { get; private set; }

    /// <summary>What it holds now, oldest first.</summary>
    public IReadOnlyList<IDisposable> DisposablesView => _held.OfType<IDisposable>().ToList();

    /// <summary>The nearest enclosing scope that still lives.</summary>
    internal DisposeScope? Outer => _outer is { _disposed: true } gone ? gone.Outer : _outer;

    public bool Contains(IDisposable disposable) => PlaceOf(disposable) >= 0;

    /// <summary>Takes it out of its scope, if it is in one, and into this one.</summary>
    public void Attach(IDisposable disposable)
    {
        if (disposable is Tensor { Scope: { } former } && former != this) former.Remove(disposable);
        Add(disposable);
    }

    public void Attach(params IDisposable[] disposables) => Array.ForEach(disposables, Attach);

    public IReadOnlyList<IDisposable> Attach(IEnumerable<IDisposable> disposables)
    {
        var all = disposables.ToList();
        all.ForEach(Attach);
        return all;
    }

    /// <summary>Takes it out: from now on it lives until somebody disposes it.</summary>
    public T Detach<T>(T disposable) where T : IDisposable
    {
        Remove(disposable);
        return disposable;
    }

    public void Detach(params IDisposable[] disposables) => Array.ForEach(disposables, Remove);

    public void Detach(IEnumerable<IDisposable> disposables) => Detach(disposables.ToArray());

    /// <summary>Hands it to the enclosing scope; with none, it is detached.</summary>
    public T MoveToOuter<T>(T disposable) where T : IDisposable => Move(Outer, disposable);

    public (T1 first, T2 second) MoveToOuter<T1, T2>(T1 first, T2 second) where T1 : IDisposable where T2 : IDisposable =>
        (MoveToOuter(first), MoveToOuter(second));

    public void MoveToOuter(params IDisposable[] disposables) => Array.ForEach(disposables, d => Move(Outer, d));

    public void MoveToOuter(IEnumerable<IDisposable> disposables) => MoveToOuter(disposables.ToArray());

    public T MoveToOther<T>(DisposeScope? scope, T disposable) where T : IDisposable => Move(scope, disposable);

    public void MoveToOther(DisposeScope? scope, params IDisposable[] disposables) => Array.ForEach(disposables, d => Move(scope, d));

    public void MoveToOther(DisposeScope? scope, IEnumerable<IDisposable> disposables) => MoveToOther(scope, disposables.ToArray());

    public void DisposeEverything() => DisposeAllBut([]);

    public T DisposeEverythingBut<T>(T keep) where T : IDisposable
    {
        DisposeAllBut([keep]);
        return keep;
    }

    public void DisposeEverythingBut(params IDisposable[] keep) => DisposeAllBut(keep);

    public void DisposeEverythingBut(IEnumerable<IDisposable> keep) => DisposeAllBut(keep);

    /// <summary>Forgets it: whoever says so has disposed it, or will.</summary>
    public void MarkAsDisposed(IDisposable disposable) => Remove(disposable);

    public void Dispose()
    {
        if (_disposed) return;
        DisposeAllBut([]);
        _disposed = true;
        DisposeScopeStack.Leave(this);
    }

    internal void Add(IDisposable disposable)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        if (Contains(disposable)) return;
        if (disposable is Tensor tensor) (tensor.Scope, tensor.ScopePlace) = (this, _held.Count);
        _held.Add(disposable);
        DisposablesCount++;
    }

    internal void Remove(IDisposable disposable)
    {
        var place = PlaceOf(disposable);
        if (place < 0) return;
        if (disposable is Tensor tensor) tensor.Scope = null;
        _held[place] = null;
        DisposablesCount--;
        if (place == _held.Count - 1) _held.RemoveAt(place);
        else if (_held.Count > 64 && DisposablesCount < _held.Count / 2) CloseUp();
    }

    private T Move<T>(DisposeScope? to, T disposable) where T : IDisposable
    {
        Remove(disposable);
        to?.Add(disposable);
        return disposable;
    }

    private int PlaceOf(IDisposable disposable) => disposable is Tensor tensor
        ? ReferenceEquals(tensor.Scope, this) ? tensor.ScopePlace : -1
        : _held.FindIndex(held => ReferenceEquals(held, disposable));

    private void DisposeAllBut(IEnumerable<IDisposable> keep)
    {
        var kept = new HashSet<IDisposable>(keep, ReferenceEqualityComparer.Instance);
        var doomed = _held.Where(held => held is not null && !kept.Contains(held)).ToArray();
        foreach (var one in doomed)
        {
            Remove(one!);
            one!.Dispose();
        }
    }

    private void CloseUp()
    {
        _held.RemoveAll(held => held is null);
        for (var i = 0; i < _held.Count; i++) if (_held[i] is Tensor tensor) tensor.ScopePlace = i;
    }
}

/// <summary>This thread's open scopes, innermost last.</summary>
internal static class DisposeScopeStack
{
    [ThreadStatic] private static List<DisposeScope>? _open;

    internal static DisposeScope? Innermost => _open is { Count: > 0 } open ? open[^1] : null;

    internal static DisposeScope Enter()
    {
        var scope = new DisposeScope(Innermost);
        (_open ??= []).Add(scope);
        return scope;
    }

    internal static void Leave(DisposeScope scope) => _open?.Remove(scope);
}

public static partial class torch
{
    /// <summary>Opens a scope on this thread; use with <c>using</c>.</summary>
    public static DisposeScope NewDisposeScope() => DisposeScopeStack.Enter();

    public static DisposeScope? CurrentDisposeScope => DisposeScopeStack.Innermost;

    /// <summary>Runs it in a scope of its own; only its answer survives.</summary>
    public static Tensor WrappedTensorDisposeScope(Func<Tensor> expr)
    {
        using var scope = NewDisposeScope();
        return expr().MoveToOuterDisposeScope();
    }
}
