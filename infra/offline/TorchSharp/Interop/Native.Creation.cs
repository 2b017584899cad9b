using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>New tensors: native/creation.cpp.</summary>
internal static partial class Native
{
    [LibraryImport(Library)] internal static partial nint tpo_empty(ReadOnlySpan<long> size, int n, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_zeros(ReadOnlySpan<long> size, int n, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_ones(ReadOnlySpan<long> size, int n, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_full(ReadOnlySpan<long> size, int n, Number value, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_rand(ReadOnlySpan<long> size, int n, nint g, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_randn(ReadOnlySpan<long> size, int n, nint g, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_randint(long low, long high, ReadOnlySpan<long> size, int n, nint g, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_randperm(long count, nint g, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_bernoulli(TensorHandle x, nint g);
    [LibraryImport(Library)] internal static partial nint tpo_multinomial(TensorHandle x, long count, int replacement, nint g);
    [LibraryImport(Library)] internal static partial int tpo_normal_(TensorHandle x, double mean, double std, nint g);
    [LibraryImport(Library)] internal static partial int tpo_uniform_(TensorHandle x, double low, double to, nint g);
    [LibraryImport(Library)] internal static partial nint tpo_arange(Number start, Number stop, Number step, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_linspace(double start, double end, long steps, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_eye(long rows, long columns, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_empty_like(TensorHandle x, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_zeros_like(TensorHandle x, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_ones_like(TensorHandle x, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_full_like(TensorHandle x, Number value, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_rand_like(TensorHandle x, Kind k);
    [LibraryImport(Library)] internal static partial nint tpo_randn_like(TensorHandle x, Kind k);
    [LibraryImport(Library)] internal static unsafe partial nint tpo_copy_of(void* data, long bytes, ReadOnlySpan<long> size, int n, int dtype);
}
