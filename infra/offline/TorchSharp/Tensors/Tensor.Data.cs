using TorchSharp.Utils;

namespace TorchSharp;

public static partial class torch
{
    public partial class Tensor
    {
        /// <summary>The one value of a one-element tensor; <typeparamref name="T"/> must be its element type.</summary>
        public T item<T>() where T : unmanaged
        {
            if (NumberOfElements != 1) throw new ArgumentException($"item() reads a tensor of one element; this one has {NumberOfElements}.");
            ElementTypes.MustBe<T>(dtype, "item");
            using var here = is_cpu() ? null : to(CPU);
            using var values = (here ?? this).data<T>();
            return values[new long[ndim]];
        }

        /// <summary>The values where they lie, on the CPU; <typeparamref name="T"/> must be the element type.</summary>
        public TensorAccessor<T> data<T>() where T : unmanaged
        {
            ElementTypes.MustBe<T>(dtype, "data");
            MustBeOnCpu("data");
            return new TensorAccessor<T>(this);
        }

        /// <summary>The raw bytes of a contiguous tensor on the CPU: its own memory, valid as long as the tensor.</summary>
        public unsafe Span<byte> bytes
        {
            get
            {
                var length = PlainBytes("bytes");
                if (length > int.MaxValue) throw new NotSupportedException($"A span holds 2 GiB at most, this tensor has {length} bytes: use WriteBytesToStream.");
                return new Span<byte>((void*)Native.tpo_data_ptr(H), (int)length);
            }
            set
            {
                var own = bytes;
                if (value.Length != own.Length) throw new ArgumentException($"This tensor has {own.Length} bytes, the value has {value.Length}.");
                value.CopyTo(own);
            }
        }

        /// <summary>Writes the raw bytes, row-major.</summary>
        public void WriteBytesToStream(Stream stream, int bufferSize = 1024)
        {
            using var scope = NewDisposeScope();
            var plain = is_contiguous() && is_cpu() ? this : detach().contiguous().to(CPU);
            plain.InPieces(piece => stream.Write(piece));
        }

        /// <summary>Fills a contiguous CPU tensor from raw bytes; a stream that ends early is an error.</summary>
        public void ReadBytesFromStream(Stream stream, int bufferSize = 1024) => InPieces(piece => stream.ReadExactly(piece));

        private delegate void OnPiece(Span<byte> piece);

        private unsafe void InPieces(OnPiece action)
        {
            var left = PlainBytes("the stream methods");
            var at = (byte*)Native.tpo_data_ptr(H);
            while (left > 0)
            {
                var length = (int)Math.Min(1 << 20, left);
                action(new Span<byte>(at, length));
                at += length;
                left -= length;
            }
            GC.KeepAlive(this);
        }

        private long PlainBytes(string what)
        {
            MustBeOnCpu(what);
            if (!is_contiguous()) throw new InvalidOperationException($"{what}: the tensor is not contiguous; call contiguous() first.");
            return NumberOfElements * ElementSize;
        }

        private void MustBeOnCpu(string what)
        {
            if (!is_cpu()) throw new InvalidOperationException($"{what}: the tensor is on {device}; call cpu() first.");
        }
    }
}
