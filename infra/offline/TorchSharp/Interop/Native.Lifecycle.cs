using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>Birth, death and properties of tensors; errors, grad mode, threads, random state, devices: native/lifecycle.cpp.</summary>
internal static partial class Native
{
    [LibraryImport(Library)] internal static partial nint tpo_last_error();
    [LibraryImport(Library)] internal static partial nint tpo_version();
    [LibraryImport(Library)] internal static partial void tpo_free(nint x);
    [LibraryImport(Library)] internal static partial nint tpo_share(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_swap(TensorHandle x, TensorHandle y);
    [LibraryImport(Library)] internal static partial nint tpo_data_ptr(TensorHandle x);
    [LibraryImport(Library)] internal static partial long tpo_numel(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_dim(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_sizes(TensorHandle x, Span<long> room);
    [LibraryImport(Library)] internal static partial int tpo_strides(TensorHandle x, Span<long> room);
    [LibraryImport(Library)] internal static partial int tpo_dtype(TensorHandle x);
    [LibraryImport(Library)] internal static partial long tpo_element_size(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_device_type(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_device_index(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_is_contiguous(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_requires_grad(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_set_requires_grad(TensorHandle x, int on);
    [LibraryImport(Library)] internal static partial int tpo_is_leaf(TensorHandle x);
    [LibraryImport(Library)] internal static partial int tpo_item_integer(TensorHandle x, out long result);
    [LibraryImport(Library)] internal static partial int tpo_item_real(TensorHandle x, out double result);
    [LibraryImport(Library)] internal static partial int tpo_grad_enabled();
    [LibraryImport(Library)] internal static partial void tpo_set_grad_enabled(int on);
    [LibraryImport(Library)] internal static partial int tpo_inference_enabled();
    [LibraryImport(Library)] internal static partial nint tpo_inference_enter(int on);
    [LibraryImport(Library)] internal static partial void tpo_inference_leave(nint guard);
    [LibraryImport(Library)] internal static partial int tpo_num_threads();
    [LibraryImport(Library)] internal static partial int tpo_set_num_threads(int n);
    [LibraryImport(Library)] internal static partial int tpo_num_interop_threads();
    [LibraryImport(Library)] internal static partial int tpo_set_num_interop_threads(int n);
    [LibraryImport(Library)] internal static partial int tpo_set_default_dtype(int dtype);
    [LibraryImport(Library)] internal static partial int tpo_default_dtype();
    [LibraryImport(Library)] internal static partial int tpo_has_cuda();
    [LibraryImport(Library)] internal static partial int tpo_cuda_count();
    [LibraryImport(Library)] internal static partial int tpo_manual_seed(long seed);
    [LibraryImport(Library)] internal static partial nint tpo_generator_default();
    [LibraryImport(Library)] internal static partial nint tpo_generator_new(long seed);
    [LibraryImport(Library)] internal static partial void tpo_generator_free(nint g);
    [LibraryImport(Library)] internal static partial long tpo_generator_initial_seed(nint g);
    [LibraryImport(Library)] internal static partial long tpo_generator_seed(nint g);
    [LibraryImport(Library)] internal static partial int tpo_generator_manual_seed(nint g, long seed);
    [LibraryImport(Library)] internal static partial nint tpo_generator_state(nint g);
    [LibraryImport(Library)] internal static partial int tpo_generator_set_state(nint g, TensorHandle state);
}
