using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>Backward, optimiser step, clipping: native/train.cpp.</summary>
internal static partial class Native
{
    [LibraryImport(Library)] internal static partial int tpo_backward(ReadOnlySpan<nint> xs, int n, ReadOnlySpan<nint> grads, int grad_count, int retain, int create, ReadOnlySpan<nint> inputs, int input_count);
    [LibraryImport(Library)] internal static partial int tpo_grad(ReadOnlySpan<nint> xs, int n, ReadOnlySpan<nint> inputs, int input_count, ReadOnlySpan<nint> grads, int grad_count, int retain, int create, int allow_unused, Span<nint> room);
    [LibraryImport(Library)] internal static partial nint tpo_get_grad(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_set_grad(TensorHandle x, TensorHandle grad);
    [LibraryImport(Library)] internal static partial int tpo_retain_grad(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_zero_grads(ReadOnlySpan<nint> xs, int n, int to_none);
    [LibraryImport(Library)] internal static partial int tpo_adamw(ReadOnlySpan<nint> parameters, ReadOnlySpan<nint> ms, ReadOnlySpan<nint> vs, ReadOnlySpan<nint> largest, Span<long> steps, int n, AdamWStep o);
    [LibraryImport(Library)] internal static partial int tpo_clip_grad_norm(ReadOnlySpan<nint> parameters, int n, double max_norm, double type, out double norm);
}
