using static TorchSharp.torch;

namespace TorchSharp;

/// <summary>One-element tensors as numbers, whatever their element type; saving and loading.</summary>
public static class TensorExtensionMethods
{
    public static float ToSingle(this Tensor value) => (float)value.ToDouble();

    public static double ToDouble(this Tensor value)
    {
        Native.Done(Native.tpo_item_real(value.H, out var result));
        return result;
    }

    public static int ToInt32(this Tensor value) => checked((int)value.ToInt64());

    public static long ToInt64(this Tensor value)
    {
        Native.Done(Native.tpo_item_integer(value.H, out var result));
        return result;
    }

    public static bool ToBoolean(this Tensor value) => value.ToDouble() != 0;

    /// <summary>The tensor itself as a parameter that wants a gradient.</summary>
    public static Modules.Parameter AsParameter(this Tensor tensor) => new(tensor);

    /// <summary>Elements of a tensor of this shape.</summary>
    public static long TotalSize(this IEnumerable<long> shape) => shape.Aggregate(1L, (total, size) => total * size);

    /// <summary>Bytes of one element.</summary>
    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Int8 or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        _ => 8,
    };

    /// <summary>Writes element type, shape (each a LEB128 number) and raw bytes.</summary>
    public static void Save(this Tensor tensor, BinaryWriter writer)
    {
        var shape = tensor.shape;
        writer.Write7BitEncodedInt((int)tensor.dtype);
        writer.Write7BitEncodedInt(shape.Length);
        foreach (var size in shape) writer.Write7BitEncodedInt64(size);
        writer.Flush();
        tensor.WriteBytesToStream(writer.BaseStream, 1 << 20);
    }

    /// <summary>Fills the tensor from what <see cref="Save(Tensor, BinaryWriter)"/> wrote; type and shape must be the tensor's own.</summary>
    public static void Load(this Tensor tensor, BinaryReader reader, bool skip = false)
    {
        using var loaded = Read(reader);
        if (skip) return;
        if (loaded.dtype != tensor.dtype || !loaded.shape.AsSpan().SequenceEqual(tensor.shape))
            throw new ArgumentException($"The stored tensor is {loaded}, the one to fill is {tensor}.");
        using var _ = no_grad();
        tensor.copy_(loaded);
    }

    internal static Tensor Read(BinaryReader reader)
    {
        var type = (ScalarType)reader.Read7BitEncodedInt();
        var shape = new long[reader.Read7BitEncodedInt()];
        for (var i = 0; i < shape.Length; i++) shape[i] = reader.Read7BitEncodedInt64();
        var tensor = empty(shape, dtype: type, device: CPU);
        tensor.ReadBytesFromStream(reader.BaseStream, 1 << 20);
        return tensor;
    }
}
