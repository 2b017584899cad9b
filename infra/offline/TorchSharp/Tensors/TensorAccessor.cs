using System.Collections;
using System.Runtime.CompilerServices;
using static TorchSharp.torch;

namespace TorchSharp.Utils;

/// <summary>The values of a CPU tensor, read and written in place in row-major order, whatever its strides.</summary>
public sealed class TensorAccessor<T> : IDisposable, IEnumerable<T> where T : unmanaged
{
    private readonly Tensor _tensor;
    private readonly long[] _shape;
    private readonly long[] _strides;

    internal TensorAccessor(Tensor tensor)
    {
        (_tensor, _shape, _strides) = (tensor, tensor.shape, tensor.stride());
        Count = tensor.NumberOfElements;
    }

    public long Count { get; }

    public bool IsReadOnly => false;

    public unsafe T this[params long[] indices]
    {
        get
        {
            var value = *At(indices);
            GC.KeepAlive(_tensor);
            return value;
        }
        set
        {
            *At(indices) = value;
            GC.KeepAlive(_tensor);
        }
    }

    public T[] ToArray()
    {
        var array = new T[Count];
        CopyTo(array);
        return array;
    }

    public void CopyTo(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyTo(array.AsSpan(), arrayIndex, tensorIndex);

    /// <summary>Copies from the row-major position <paramref name="tensorIndex"/> on.</summary>
    public unsafe void CopyTo(Span<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = (int)Math.Min(Count - tensorIndex, array.Length - arrayIndex);
        var to = array.Slice(arrayIndex, count);
        if (_tensor.is_contiguous()) new ReadOnlySpan<T>(First + tensorIndex, count).CopyTo(to);
        else for (var i = 0; i < count; i++) to[i] = First[OffsetOf(tensorIndex + i)];
        GC.KeepAlive(_tensor);
    }

    public void CopyFrom(T[] array, int arrayIndex = 0, long tensorIndex = 0) => CopyFrom(array.AsSpan(), arrayIndex, tensorIndex);

    public unsafe void CopyFrom(ReadOnlySpan<T> array, int arrayIndex = 0, long tensorIndex = 0)
    {
        var count = (int)Math.Min(Count - tensorIndex, array.Length - arrayIndex);
        for (var i = 0; i < count; i++) First[OffsetOf(tensorIndex + i)] = array[arrayIndex + i];
        GC.KeepAlive(_tensor);
    }

    public IEnumerator<T> GetEnumerator() => ((IEnumerable<T>)ToArray()).GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The tensor stays; there is nothing else to free.</summary>
    public void Dispose() { }

    private unsafe T* First => (T*)Native.tpo_data_ptr(_tensor.H);

    private unsafe T* At(long[] indices)
    {
        if (indices.Length == 1 && _shape.Length != 1) return First + OffsetOf(Within(indices[0], Count));
        if (indices.Length != _shape.Length) throw new ArgumentException($"This tensor has {_shape.Length} dimensions, the index {indices.Length}.");
        long offset = 0;
        for (var d = 0; d < indices.Length; d++) offset += Within(indices[d], _shape[d]) * _strides[d];
        return First + offset;
    }

    private static long Within(long index, long size) =>
        index >= 0 && index < size ? index : throw new IndexOutOfRangeException($"Index {index} is outside a dimension of {size}.");

    private long OffsetOf(long position)
    {
        long offset = 0;
        for (var d = _shape.Length - 1; d >= 0; d--)
        {
            offset += position % _shape[d] * _strides[d];
            position /= _shape[d];
        }
        return offset;
    }
}

/// <summary>Which C# type holds which element type.</summary>
internal static class ElementTypes
{
    internal static ScalarType Of<T>() =>
        typeof(T) == typeof(float) ? ScalarType.Float32 : typeof(T) == typeof(double) ? ScalarType.Float64
        : typeof(T) == typeof(long) ? ScalarType.Int64 : typeof(T) == typeof(int) ? ScalarType.Int32
        : typeof(T) == typeof(short) ? ScalarType.Int16 : typeof(T) == typeof(sbyte) ? ScalarType.Int8
        : typeof(T) == typeof(byte) ? ScalarType.Byte : typeof(T) == typeof(bool) ? ScalarType.Bool
        : typeof(T) == typeof(Half) ? ScalarType.Float16
        : throw new NotSupportedException($"No element type is kept in {typeof(T).Name}.");

    internal static void MustBe<T>(ScalarType type, [CallerMemberName] string? what = null)
    {
        if (Of<T>() != type) throw new ArgumentException($"{what}<{typeof(T).Name}>() does not fit a tensor of {type}: convert it first, with to_type.");
    }
}
