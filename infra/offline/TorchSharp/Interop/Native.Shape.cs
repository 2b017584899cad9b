using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>Views, joins, splits, selection, assignment: native/shape.cpp.</summary>
internal static partial class Native
{
    [LibraryImport(Library)] internal static partial nint tpo_view(TensorHandle x, ReadOnlySpan<long> dims, int n);
    [LibraryImport(Library)] internal static partial nint tpo_reshape(TensorHandle x, ReadOnlySpan<long> dims, int n);
    [LibraryImport(Library)] internal static partial nint tpo_expand(TensorHandle x, ReadOnlySpan<long> dims, int n, int is_implicit);
    [LibraryImport(Library)] internal static partial nint tpo_repeat(TensorHandle x, ReadOnlySpan<long> dims, int n);
    [LibraryImport(Library)] internal static partial nint tpo_tile(TensorHandle x, ReadOnlySpan<long> dims, int n);
    [LibraryImport(Library)] internal static partial nint tpo_permute(TensorHandle x, ReadOnlySpan<long> dims, int n);
    [LibraryImport(Library)] internal static partial nint tpo_flip(TensorHandle x, ReadOnlySpan<long> dims, int n);
    [LibraryImport(Library)] internal static partial nint tpo_unflatten(TensorHandle x, long dim, ReadOnlySpan<long> dims, int n);
    [LibraryImport(Library)] internal static partial nint tpo_roll(TensorHandle x, ReadOnlySpan<long> dims, int n, ReadOnlySpan<long> axes, int axis_count);
    [LibraryImport(Library)] internal static partial nint tpo_movedim(TensorHandle x, ReadOnlySpan<long> dims, int n, ReadOnlySpan<long> to, int count);
    [LibraryImport(Library)] internal static partial nint tpo_transpose(TensorHandle x, long a, long b);
    [LibraryImport(Library)] internal static partial nint tpo_t(TensorHandle x);
    [LibraryImport(Library)] internal static partial nint tpo_mT(TensorHandle x);
    [LibraryImport(Library)] internal static partial nint tpo_unsqueeze(TensorHandle x, long dim);
    [LibraryImport(Library)] internal static partial nint tpo_squeeze(TensorHandle x);
    [LibraryImport(Library)] internal static partial nint tpo_squeeze_dim(TensorHandle x, long dim);
    [LibraryImport(Library)] internal static partial nint tpo_flatten(TensorHandle x, long first, long to);
    [LibraryImport(Library)] internal static partial nint tpo_contiguous(TensorHandle x);
    [LibraryImport(Library)] internal static partial nint tpo_clone(TensorHandle x);
    [LibraryImport(Library)] internal static partial nint tpo_detach(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_detach_(TensorHandle x);
    [LibraryImport(Library)] internal static partial nint tpo_alias(TensorHandle x);
    [LibraryImport(Library)] internal static partial nint tpo_tril(TensorHandle x, long diagonal);
    [LibraryImport(Library)] internal static partial nint tpo_triu(TensorHandle x, long diagonal);
    [LibraryImport(Library)] internal static partial nint tpo_to(TensorHandle x, Kind k, int non_blocking, int copy);
    [LibraryImport(Library)] internal static partial nint tpo_pin_memory(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_copy_(TensorHandle x, TensorHandle y, int non_blocking);
    [LibraryImport(Library)] internal static partial int tpo_set_(TensorHandle x, TensorHandle y);
    [LibraryImport(Library)] internal static partial nint tpo_cat(ReadOnlySpan<nint> xs, int n, long dim);
    [LibraryImport(Library)] internal static partial nint tpo_stack(ReadOnlySpan<nint> xs, int n, long dim);
    [LibraryImport(Library)] internal static partial int tpo_chunk(TensorHandle x, long chunks, long dim, Span<nint> room, int capacity);
    [LibraryImport(Library)] internal static partial int tpo_split(TensorHandle x, ReadOnlySpan<long> dims, int n, long dim, Span<nint> room, int capacity);
    [LibraryImport(Library)] internal static partial int tpo_unbind(TensorHandle x, long dim, Span<nint> room, int capacity);
    [LibraryImport(Library)] internal static partial nint tpo_narrow(TensorHandle x, long dim, long start, long length);
    [LibraryImport(Library)] internal static partial nint tpo_select(TensorHandle x, long dim, long index);
    [LibraryImport(Library)] internal static partial nint tpo_index_select(TensorHandle x, long dim, TensorHandle index);
    [LibraryImport(Library)] internal static partial nint tpo_gather(TensorHandle x, long dim, TensorHandle index);
    [LibraryImport(Library)] internal static partial nint tpo_take_along_dim(TensorHandle x, TensorHandle index, long dim);
    [LibraryImport(Library)] internal static partial nint tpo_masked_select(TensorHandle x, TensorHandle mask);
    [LibraryImport(Library)] internal static partial nint tpo_where(TensorHandle condition, TensorHandle x, TensorHandle y);
    [LibraryImport(Library)] internal static partial nint tpo_repeat_interleave(TensorHandle x, long repeats, int has_dim, long dim);
    [LibraryImport(Library)] internal static partial nint tpo_repeat_interleave_by(TensorHandle x, TensorHandle repeats, int has_dim, long dim);
    [LibraryImport(Library)] internal static partial nint tpo_scatter(TensorHandle x, long dim, TensorHandle index, TensorHandle source);
    [LibraryImport(Library)] internal static partial int tpo_scatter_(TensorHandle x, long dim, TensorHandle index, TensorHandle source);
    [LibraryImport(Library)] internal static partial nint tpo_scatter_add(TensorHandle x, long dim, TensorHandle index, TensorHandle source);
    [LibraryImport(Library)] internal static partial int tpo_scatter_add_(TensorHandle x, long dim, TensorHandle index, TensorHandle source);
    [LibraryImport(Library)] internal static partial int tpo_index_add_(TensorHandle x, long dim, TensorHandle index, TensorHandle source, Number alpha);
    [LibraryImport(Library)] internal static partial int tpo_index_copy_(TensorHandle x, long dim, TensorHandle index, TensorHandle source);
    [LibraryImport(Library)] internal static partial nint tpo_masked_fill(TensorHandle x, TensorHandle mask, Number value);
    [LibraryImport(Library)] internal static partial int tpo_masked_fill_(TensorHandle x, TensorHandle mask, Number value);
    [LibraryImport(Library)] internal static partial nint tpo_index(TensorHandle x, ReadOnlySpan<IndexEntry> index, int n);
    [LibraryImport(Library)] internal static partial int tpo_index_put_(TensorHandle x, ReadOnlySpan<IndexEntry> index, int n, TensorHandle value);
}
