using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Tpo.Cli.Benches.Serving;

/// <summary>How fast one thread copies memory: between two buffers far larger than any cache.</summary>
internal sealed unsafe class CopyBandwidth : IDisposable
{
    private const nuint Bytes = 512 << 20;

    private readonly void* _from = NativeMemory.AlignedAlloc(Bytes, 4096);
    private readonly void* _to = NativeMemory.AlignedAlloc(Bytes, 4096);

    public CopyBandwidth()
    {
        // A page that was never written is no memory yet.
        NativeMemory.Fill(_from, Bytes, 1);
        NativeMemory.Fill(_to, Bytes, 2);
    }

    /// <summary>Bytes copied a second, each counted once; the machine reads and writes, so it moves twice as many.</summary>
    public double Measure()
    {
        var clock = Stopwatch.StartNew();
        NativeMemory.Copy(_from, _to, Bytes);
        return Bytes / clock.Elapsed.TotalSeconds;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_from);
        NativeMemory.AlignedFree(_to);
    }
}
