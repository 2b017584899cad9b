using System.Runtime.InteropServices;

namespace Tpo.Tests.Unit.Training;

/// <summary>
/// What this process has allocated outside the managed heap and not given back (glibc's mallinfo2, all arenas): unlike resident memory it does not
/// depend on what earlier tests left in the allocator's free lists.
/// </summary>
internal static partial class NativeHeap
{
    public static double Megabytes()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        var heap = mallinfo2();
        return (heap.InUse + heap.Mapped) / 1e6;
    }

    /// <summary>mallinfo(3): ten numbers of the machine's word size; two of them are of interest.</summary>
    [StructLayout(LayoutKind.Explicit, Size = 80)]
    private struct Heap
    {
        [FieldOffset(32)] public nuint Mapped;
        [FieldOffset(56)] public nuint InUse;
    }

    [LibraryImport("libc")]
    private static partial Heap mallinfo2();
}
