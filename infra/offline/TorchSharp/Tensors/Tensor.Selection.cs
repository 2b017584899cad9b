namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        public Tensor narrow(long dim, long start, long length) => Made(Native.tpo_narrow(H, dim, start, length));
        public Tensor select(long dim, long index) => Made(Native.tpo_select(H, dim, index));
        public Tensor index_select(long dim, Tensor index) => Made(Native.tpo_index_select(H, dim, index.H));
        public Tensor gather(long dim, Tensor index) => Made(Native.tpo_gather(H, dim, index.H));
        public Tensor take_along_dim(Tensor indices, long dim) => Made(Native.tpo_take_along_dim(H, indices.H, dim));
        public Tensor masked_select(Tensor mask) => Made(Native.tpo_masked_select(H, mask.H));
        public Tensor nonzero() => Made(Native.tpo_nonzero(H));

        /// <summary>This where <paramref name="condition"/> is true, <paramref name="y"/> elsewhere.</summary>
        public Tensor where(Tensor condition, Tensor y) => Made(Native.tpo_where(condition.H, H, y.H));

        public Tensor repeat_interleave(long repeats, long? dim = null, long? output_size = null) =>
            Made(Native.tpo_repeat_interleave(H, repeats, dim is null ? 0 : 1, dim ?? 0));

        public Tensor repeat_interleave(Tensor repeats, long? dim = null, long? output_size = null) =>
            Made(Native.tpo_repeat_interleave_by(H, repeats.H, dim is null ? 0 : 1, dim ?? 0));

        public Tensor scatter(long dim, Tensor index, Tensor src) => Made(Native.tpo_scatter(H, dim, index.H, src.H));
        public Tensor scatter_(long dim, Tensor index, Tensor src) => Changed(Native.tpo_scatter_(H, dim, index.H, src.H));
        public Tensor scatter_add(long dim, Tensor index, Tensor src) => Made(Native.tpo_scatter_add(H, dim, index.H, src.H));
        public Tensor scatter_add_(long dim, Tensor index, Tensor src) => Changed(Native.tpo_scatter_add_(H, dim, index.H, src.H));
        public Tensor index_add_(long dim, Tensor index, Tensor source, Scalar alpha) => Changed(Native.tpo_index_add_(H, dim, index.H, source.H, alpha.Value));
        public Tensor index_copy_(long dim, Tensor index, Tensor source) => Changed(Native.tpo_index_copy_(H, dim, index.H, source.H));
        public Tensor masked_fill(Tensor mask, Scalar value) => Made(Native.tpo_masked_fill(H, mask.H, value.Value));
        public Tensor masked_fill_(Tensor mask, Scalar value) => Changed(Native.tpo_masked_fill_(H, mask.H, value.Value));

        public Tensor index(params TensorIndex[] indices)
        {
            var made = Native.tpo_index(H, indices.Select(i => i.Entry).ToArray(), indices.Length);
            GC.KeepAlive(indices);
            return Made(made);
        }

        public Tensor index(params Tensor[] indices) => index(indices.Select(TensorIndex.Tensor).ToArray());

        public Tensor index_put_(Tensor value, params TensorIndex[] indices)
        {
            var ok = Native.tpo_index_put_(H, indices.Select(i => i.Entry).ToArray(), indices.Length, value.H);
            GC.KeepAlive(indices);
            return Changed(ok);
        }

        public Tensor index_put_(Tensor value, params Tensor[] indices) => index_put_(value, indices.Select(TensorIndex.Tensor).ToArray());

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params TensorIndex[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[params Tensor[] indices]
        {
            get => index(indices);
            set => index_put_(value, indices);
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1]
        {
            get => index(TensorIndex.Single(i1));
            set => index_put_(value, TensorIndex.Single(i1));
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2));
        }

        [System.Runtime.CompilerServices.IndexerName("TensorItems")]
        public Tensor this[long i1, long i2, long i3]
        {
            get => index(TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3));
            set => index_put_(value, TensorIndex.Single(i1), TensorIndex.Single(i2), TensorIndex.Single(i3));
        }
    }

    /// <summary>One entry of an index: a position, a slice, a tensor of positions or a mask, "all" or "a new dimension".</summary>
    public class TensorIndex
    {
        private readonly Tensor? _tensor;
        private readonly IndexEntry _entry;

        private TensorIndex(long form, long? start = null, long? stop = null, long? step = null, Tensor? tensor = null) => (_entry, _tensor) =
            (new IndexEntry(form, start ?? IndexEntry.NotGiven, stop ?? IndexEntry.NotGiven, step ?? IndexEntry.NotGiven, 0), tensor);

        internal IndexEntry Entry => _tensor is null ? _entry : _entry with { Tensor = _tensor.Handle };

        /// <summary>A new dimension of size one.</summary>
        public static readonly TensorIndex None = new(0);
        public static readonly TensorIndex Null = None;
        public static readonly TensorIndex Ellipsis = new(1);
        public static readonly TensorIndex Colon = new(4);

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) => new(4, start, stop, step);

        public static TensorIndex Slice(Range range) => new(4, From(range.Start), range.End is { IsFromEnd: true, Value: 0 } ? null : From(range.End));

        public static TensorIndex Single(long? index) => new(2, index);
        public static TensorIndex Bool(bool value) => new(3, value ? 1 : 0);
        public static TensorIndex Tensor(Tensor tensor) => new(5, tensor: tensor);

        public static implicit operator TensorIndex(long value) => Single(value);
        public static implicit operator TensorIndex(Index value) => Single(From(value));
        public static implicit operator TensorIndex(Range range) => Slice(range);

        private static long From(Index index) => index.IsFromEnd ? -index.Value : index.Value;
    }
}
