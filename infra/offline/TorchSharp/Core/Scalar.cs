namespace TorchSharp;

/// <summary>One number for libtorch. Kept here as its bits: nothing native is made, so nothing is left to a finalizer.</summary>
public sealed class Scalar : IDisposable
{
    private Scalar(long kind, long bits, torch.ScalarType type) => (Value, Type) = (new Number(kind, bits), type);

    /// <summary>The element type it was made from.</summary>
    public torch.ScalarType Type { get; }

    internal Number Value { get; }

    /// <summary>There is nothing to free; here for source compatibility.</summary>
    public void Dispose() { }

    internal double Real => Value.Kind == 1 ? BitConverter.Int64BitsToDouble(Value.Bits) : Value.Bits;

    internal long Integer => Value.Kind == 1 ? (long)BitConverter.Int64BitsToDouble(Value.Bits) : Value.Bits;

    /// <summary>The product, an integer where both are.</summary>
    internal Number Times(Scalar other) => Value.Kind == 1 || other.Value.Kind == 1 ? Of(Real * other.Real).Value : Of(Integer * other.Integer).Value;

    internal static Scalar Of(double value, torch.ScalarType type = torch.ScalarType.Float64) => new(1, BitConverter.DoubleToInt64Bits(value), type);

    internal static Scalar Of(long value, torch.ScalarType type = torch.ScalarType.Int64) => new(0, value, type);

    public static implicit operator Scalar(byte value) => Of(value, torch.ScalarType.Byte);
    public static implicit operator Scalar(sbyte value) => Of(value, torch.ScalarType.Int8);
    public static implicit operator Scalar(short value) => Of(value, torch.ScalarType.Int16);
    public static implicit operator Scalar(int value) => Of(value, torch.ScalarType.Int32);
    public static implicit operator Scalar(long value) => Of(value);
    public static implicit operator Scalar(Half value) => Of((double)value, torch.ScalarType.Float16);
    public static implicit operator Scalar(float value) => Of(value, torch.ScalarType.Float32);
    public static implicit operator Scalar(double value) => Of(value);
    public static implicit operator Scalar(bool value) => new(2, value ? 1 : 0, torch.ScalarType.Bool);
}

/// <summary>Numbers to scalars and back.</summary>
public static class ScalarExtensionMethods
{
    public static Scalar ToScalar(this int value) => value;
    public static Scalar ToScalar(this long value) => value;
    public static Scalar ToScalar(this float value) => value;
    public static Scalar ToScalar(this double value) => value;
    public static Scalar ToScalar(this bool value) => value;

    public static int ToInt32(this Scalar value) => (int)value.Integer;
    public static long ToInt64(this Scalar value) => value.Integer;
    public static float ToSingle(this Scalar value) => (float)value.Real;
    public static double ToDouble(this Scalar value) => value.Real;
    public static bool ToBoolean(this Scalar value) => value.Real != 0;
}
