using System.Runtime.InteropServices;

namespace TorchSharp;

/// <summary>What layers are made of: native/nn.cpp.</summary>
internal static partial class Native
{
    [LibraryImport(Library)] internal static partial nint tpo_linear(TensorHandle x, TensorHandle weight, TensorHandle bias);
    [LibraryImport(Library)] internal static partial nint tpo_embedding(TensorHandle weight, TensorHandle x, long padding);
    [LibraryImport(Library)] internal static partial nint tpo_layer_norm(TensorHandle x, ReadOnlySpan<long> shape, int n, TensorHandle weight, TensorHandle bias, double eps);
    [LibraryImport(Library)] internal static partial nint tpo_gelu(TensorHandle x, int tanh_form);
    [LibraryImport(Library)] internal static partial nint tpo_silu(TensorHandle x);
    [LibraryImport(Library)] internal static partial nint tpo_softplus(TensorHandle x, double beta, double threshold);
    [LibraryImport(Library)] internal static partial nint tpo_dropout(TensorHandle x, double p, int training);
    [LibraryImport(Library)] internal static partial nint tpo_attention(TensorHandle q, TensorHandle k, TensorHandle v, TensorHandle mask, double p, int causal);
    [LibraryImport(Library)] internal static partial nint tpo_cross_entropy(TensorHandle x, TensorHandle target, TensorHandle weight, long ignore, long reduction, double smoothing);
    [LibraryImport(Library)] internal static partial nint tpo_nll_loss(TensorHandle x, TensorHandle target, TensorHandle weight, long reduction);
    [LibraryImport(Library)] internal static partial nint tpo_mse_loss(TensorHandle x, TensorHandle target, long reduction);
    [LibraryImport(Library)] internal static partial nint tpo_bce_logits(TensorHandle x, TensorHandle target, TensorHandle weight, TensorHandle pos, long reduction);
    [LibraryImport(Library)] internal static partial nint tpo_conv2d(TensorHandle x, TensorHandle weight, TensorHandle bias, ReadOnlySpan<long> stride, int ns, ReadOnlySpan<long> padding, int np, ReadOnlySpan<long> dilation, int nd, long groups);
    [LibraryImport(Library)] internal static partial nint tpo_conv3d(TensorHandle x, TensorHandle weight, TensorHandle bias, ReadOnlySpan<long> stride, int ns, ReadOnlySpan<long> padding, int np, ReadOnlySpan<long> dilation, int nd, long groups);
    [LibraryImport(Library)] internal static partial nint tpo_conv2d_named(TensorHandle x, TensorHandle weight, TensorHandle bias, ReadOnlySpan<long> stride, int ns, int same, ReadOnlySpan<long> dilation, int nd, long groups);
    [LibraryImport(Library)] internal static partial nint tpo_avg_pool2d(TensorHandle x, ReadOnlySpan<long> kernel, int nk, ReadOnlySpan<long> stride, int ns, ReadOnlySpan<long> padding, int np, int ceil_mode, int count_padding, long divisor);
    [LibraryImport(Library)] internal static partial nint tpo_adaptive_avg_pool2d(TensorHandle x, ReadOnlySpan<long> size, int n);
    [LibraryImport(Library)] internal static partial nint tpo_one_hot(TensorHandle x, long classes);
    [LibraryImport(Library)] internal static partial nint tpo_unfold(TensorHandle x, ReadOnlySpan<long> kernel, ReadOnlySpan<long> dilation, ReadOnlySpan<long> padding, ReadOnlySpan<long> stride);
    [LibraryImport(Library)] internal static partial nint tpo_pad(TensorHandle x, ReadOnlySpan<long> pad, int n, int mode, double value);
    [LibraryImport(Library)] internal static partial nint tpo_interpolate(TensorHandle x, ReadOnlySpan<long> size, ReadOnlySpan<double> scales, int n, int mode, int corners, int antialias);
}
