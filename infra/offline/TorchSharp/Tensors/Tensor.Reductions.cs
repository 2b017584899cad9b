namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        private static int Code(ScalarType? type) => type is { } given ? (int)given : -1;

        private static int Flag(bool on) => on ? 1 : 0;

        public Tensor sum(ScalarType? type = null) => Made(Native.tpo_sum(H, Code(type)));
        public Tensor sum(long dim, bool keepdim = false, ScalarType? type = null) => Made(Native.tpo_sum_dims(H, [dim], 1, Flag(keepdim), Code(type)));
        public Tensor sum(long[] dim, bool keepdim = false, ScalarType? type = null) => Made(Native.tpo_sum_dims(H, dim, dim.Length, Flag(keepdim), Code(type)));
        public Tensor sum(ReadOnlySpan<long> dim, bool keepdim = false, ScalarType? type = null) => Made(Native.tpo_sum_dims(H, dim, dim.Length, Flag(keepdim), Code(type)));
        public Tensor sum(long dim0, long dim1, bool keepdim = false, ScalarType? type = null) => sum((ReadOnlySpan<long>)[dim0, dim1], keepdim, type);
        public Tensor sum(long dim0, long dim1, long dim2, bool keepdim = false, ScalarType? type = null) => sum((ReadOnlySpan<long>)[dim0, dim1, dim2], keepdim, type);
        public Tensor mean() => Made(Native.tpo_mean(H));

        public Tensor mean(long[] dimensions, bool keepdim = false, ScalarType? type = null) =>
            Made(Native.tpo_mean_dims(H, dimensions, dimensions.Length, Flag(keepdim), Code(type)));

        public Tensor var(bool unbiased = true) => Made(Native.tpo_var_dims(H, [], 0, Flag(unbiased), 0));

        public Tensor var(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => var([dim], unbiased, keepdim, type);

        public Tensor var(long[] dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(type, x => Native.tpo_var_dims(x.H, dim, dim.Length, Flag(unbiased), Flag(keepdim)));

        public Tensor std(bool unbiased = true) => Made(Native.tpo_std_dims(H, [], 0, Flag(unbiased), 0));

        public Tensor std(long dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) => std([dim], unbiased, keepdim, type);

        public Tensor std(long[] dim, bool unbiased = true, bool keepdim = false, ScalarType? type = null) =>
            Typed(type, x => Native.tpo_std_dims(x.H, dim, dim.Length, Flag(unbiased), Flag(keepdim)));

        public Tensor prod(ScalarType? type = null) => Typed(type, x => Native.tpo_prod(x.H));
        public Tensor prod(long dim, bool keepdim = false, ScalarType? type = null) => Typed(type, x => Native.tpo_prod_dim(x.H, dim, Flag(keepdim)));
        public Tensor cumsum(long dim, ScalarType? type = null) => Made(Native.tpo_cumsum(H, dim, Code(type)));
        public Tensor all() => Made(Native.tpo_all(H));
        public Tensor all(long dim, bool keepdim = false) => Made(Native.tpo_all_dim(H, dim, Flag(keepdim)));
        public Tensor any() => Made(Native.tpo_any(H));
        public Tensor any(long dim, bool keepdim = false) => Made(Native.tpo_any_dim(H, dim, Flag(keepdim)));
        public Tensor count_nonzero(long[]? dims = null) => Made(Native.tpo_count_nonzero(H, dims, dims?.Length ?? 0));

        public Tensor max() => Made(Native.tpo_max(H));
        public Tensor max(Tensor other) => maximum(other);

        public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) =>
            Both(Native.tpo_max_dim(H, dim, Flag(keepdim), out var values, out var indexes), values, indexes);

        public Tensor min() => Made(Native.tpo_min(H));
        public Tensor min(Tensor other) => minimum(other);

        public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) =>
            Both(Native.tpo_min_dim(H, dim, Flag(keepdim), out var values, out var indexes), values, indexes);

        public Tensor argmax() => Made(Native.tpo_argmax(H));
        public Tensor argmax(long dim, bool keepdim = false) => Made(Native.tpo_argmax_dim(H, dim, Flag(keepdim)));
        public Tensor argmin() => Made(Native.tpo_argmin(H));
        public Tensor argmin(long dim, bool keepdim = false) => Made(Native.tpo_argmin_dim(H, dim, Flag(keepdim)));

        public (Tensor values, Tensor indexes) topk(int k, int dim = -1, bool largest = true, bool sorted = true) =>
            Both(Native.tpo_topk(H, k, dim, Flag(largest), Flag(sorted), out var values, out var indexes), values, indexes);

        public (Tensor Values, Tensor Indices) sort(long dim = -1, bool descending = false, bool stable = false) =>
            Both(Native.tpo_sort(H, dim, Flag(descending), Flag(stable), out var values, out var indexes), values, indexes);

        public Tensor argsort(long dim = -1, bool descending = false) => Made(Native.tpo_argsort(H, dim, Flag(descending)));
        public Tensor norm(float p = 2.0f) => Made(Native.tpo_norm(H, p));
        public Tensor norm(int dim, bool keepdim = false, float p = 2.0f) => Made(Native.tpo_norm_dim(H, p, dim, Flag(keepdim)));
        public Tensor logsumexp(long dim, bool keepdim = false) => Made(Native.tpo_logsumexp(H, dim, Flag(keepdim)));
        public Tensor softmax(long dim, ScalarType? dtype = null) => Made(Native.tpo_softmax(H, dim, Code(dtype)));
        public Tensor log_softmax(long dim, ScalarType? dtype = null) => Made(Native.tpo_log_softmax(H, dim, Code(dtype)));

        private static (Tensor, Tensor) Both(int ok, nint first, nint second)
        {
            Native.Done(ok);
            return (Made(first), Made(second));
        }

        /// <summary>Converts first, where a type is given; the converted copy does not outlive the call.</summary>
        private Tensor Typed(ScalarType? type, Func<Tensor, nint> operation)
        {
            if (type is not { } given || given == dtype) return Made(operation(this));
            using var converted = to(given);
            return Made(operation(converted));
        }
    }
}
