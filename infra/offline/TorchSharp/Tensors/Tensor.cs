namespace TorchSharp;

public static partial class torch
{
    /// <summary>
    /// A tensor of libtorch. It lives until disposed, by hand or by the <see cref="DisposeScope"/> it was made in.
    /// Methods whose name ends in an underscore change the tensor and return it.
    /// </summary>
    public partial class Tensor : IDisposable
    {
        private TensorHandle _handle;

        internal Tensor(TensorHandle handle)
        {
            _handle = handle;
            DisposeScopeStack.Innermost?.Add(this);
        }

        /// <summary>Native tensors alive in this process.</summary>
        public static long TotalCount => TensorHandle.Live;

        /// <summary>The most that were ever alive at once.</summary>
        public static long PeakCount => TensorHandle.Peak;

        internal DisposeScope? Scope { get; set; }

        internal int ScopePlace { get; set; }

        internal TensorHandle H => !_handle.IsClosed ? _handle
            : throw new InvalidOperationException("This tensor is no longer there: it was disposed, its dispose scope ended, or a Parameter took it over.");

        public IntPtr Handle => H.Address;

        public bool IsInvalid => _handle.IsClosed || _handle.IsInvalid;

        public long[] shape
        {
            get
            {
                var sizes = new long[Native.tpo_dim(H)];
                Native.Done(Native.tpo_sizes(H, sizes));
                return sizes;
            }
        }

        public long[] size() => shape;

        public long size(int dim) => shape[dim < 0 ? dim + (int)ndim : dim];

        public long[] stride()
        {
            var strides = new long[ndim];
            Native.Done(Native.tpo_strides(H, strides));
            return strides;
        }

        public long stride(int dim) => stride()[dim < 0 ? dim + (int)ndim : dim];

        public long Dimensions => Native.tpo_dim(H);
        public long ndim => Dimensions;
        public long dim() => Dimensions;
        public long NumberOfElements => Native.tpo_numel(H);
        public long numel() => NumberOfElements;

        /// <summary>Bytes of one element.</summary>
        public long ElementSize => Native.tpo_element_size(H);

        public ScalarType dtype => (ScalarType)Native.tpo_dtype(H);
        public DeviceType device_type => (DeviceType)Native.tpo_device_type(H);
        public int device_index => Native.tpo_device_index(H);
        public Device device => new(device_type, device_index);
        public bool is_cuda => device_type == DeviceType.CUDA;
        public bool is_cpu() => device_type == DeviceType.CPU;
        public bool is_contiguous() => Native.tpo_is_contiguous(H) != 0;

        public override string ToString() => IsInvalid ? "disposed tensor" : $"[{string.Join("x", shape)}], type = {dtype}, device = {device}";

        public override bool Equals(object? obj) => obj is Tensor other && Equals(other);

        /// <summary>Whether type, shape and every element are the same.</summary>
        public bool Equals(Tensor target)
        {
            if (ReferenceEquals(this, target)) return true;
            if (dtype != target.dtype || !shape.AsSpan().SequenceEqual(target.shape)) return false;
            using var scope = NewDisposeScope();
            return eq(target).all().ToBoolean();
        }

        public override int GetHashCode() => System.Runtime.CompilerServices.RuntimeHelpers.GetHashCode(this);

        /// <summary>Hands it to the scope around the one it is in; with none around, it is detached.</summary>
        public Tensor MoveToOuterDisposeScope()
        {
            Scope?.MoveToOuter(this);
            return this;
        }

        /// <summary>Takes it out of its scope: it lives until somebody disposes it.</summary>
        public Tensor DetachFromDisposeScope()
        {
            Scope?.Detach(this);
            return this;
        }

        public Tensor MoveToOtherDisposeScope(Tensor other) => MoveTo(other.Scope);

        public Tensor MoveToOtherDisposeScope(DisposeScope other) => MoveTo(other);

        public void Dispose()
        {
            Dispose(true);
            GC.SuppressFinalize(this);
        }

        protected virtual void Dispose(bool disposing)
        {
            if (!disposing) return;
            Scope?.Remove(this);
            _handle.Dispose();
        }

        /// <summary>Takes the native tensor out of this object, which is dead from then on.</summary>
        internal TensorHandle GiveUpHandle()
        {
            var given = H;
            Scope?.Remove(this);
            _handle = Gone;
            return given;
        }

        /// <summary>Puts another native tensor under this object; the former one is freed.</summary>
        internal void Replace(Tensor by)
        {
            var former = _handle;
            _handle = by.GiveUpHandle();
            former.Dispose();
        }

        private Tensor MoveTo(DisposeScope? scope)
        {
            Scope?.Detach(this);
            scope?.Attach(this);
            return this;
        }

        private static readonly TensorHandle Gone = Closed();

        private static TensorHandle Closed()
        {
            var closed = new TensorHandle();
            closed.Dispose();
            return closed;
        }

        private static Tensor Made(nint made) => Native.Tensor(made);

        private Tensor Changed(int ok)
        {
            Native.Done(ok);
            return this;
        }
    }
}
