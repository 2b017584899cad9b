using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>
/// Owns one native tensor. A safe handle, so that neither a finalizer nor another thread's dispose frees it under a running call.
/// </summary>
internal sealed class TensorHandle : SafeHandle
{
    private static long _live;
    private static long _peak;

    /// <summary>Stands for "no tensor" where the shim takes an optional one.</summary>
    internal static readonly TensorHandle None = new();

    internal TensorHandle() : base(0, ownsHandle: false) { }

    internal TensorHandle(nint address) : base(0, ownsHandle: true)
    {
        SetHandle(address);
        var live = Interlocked.Increment(ref _live);
        if (live > Volatile.Read(ref _peak)) Interlocked.Exchange(ref _peak, live);
    }

    /// <summary>Native tensors that this process holds now.</summary>
    internal static long Live => Interlocked.Read(ref _live);

    internal static long Peak => Interlocked.Read(ref _peak);

    public override bool IsInvalid => handle == 0;

    internal nint Address => handle;

    protected override bool ReleaseHandle()
    {
        Native.tpo_free(handle);
        Interlocked.Decrement(ref _live);
        return true;
    }
}
