namespace TorchSharp;

/// <summary>Kinds of device, with libtorch's numbers.</summary>
public enum DeviceType { CPU = 0, CUDA = 1, META = 14 }

/// <summary>How a padded border is filled.</summary>
public enum PaddingModes { Zeros = 0, Reflect = 1, Replicate = 2, Circular = 3, Constant = 4 }

/// <summary>A convolution's padding by rule: none, or as much as keeps the size.</summary>
public enum Padding { Valid = 0, Same = 1 }

public static partial class torch
{
    /// <summary>Element types, with libtorch's numbers.</summary>
    public enum ScalarType : sbyte
    {
        Byte = 0, Int8 = 1, Int16 = 2, Int32 = 3, Int64 = 4, Float16 = 5, Float32 = 6, Float64 = 7, Bool = 11, BFloat16 = 15,
    }

    /// <summary>How a quotient is rounded.</summary>
    public enum RoundingMode { None = 0, trunc = 1, floor = 2 }

    /// <summary>How <see cref="nn.functional.interpolate"/> finds values between samples.</summary>
    public enum InterpolationMode { Nearest = 0, Linear = 1, Bilinear = 2, Bicubic = 3, Trilinear = 4, Area = 5, NearestExact = 6 }

    public static readonly ScalarType uint8 = ScalarType.Byte;
    public static readonly ScalarType int8 = ScalarType.Int8;
    public static readonly ScalarType int16 = ScalarType.Int16;
    public static readonly ScalarType int32 = ScalarType.Int32;
    public static readonly ScalarType int64 = ScalarType.Int64;
    public static readonly ScalarType @int = ScalarType.Int32;
    public static readonly ScalarType @long = ScalarType.Int64;
    public static readonly ScalarType float16 = ScalarType.Float16;
    public static readonly ScalarType half = ScalarType.Float16;
    public static readonly ScalarType float32 = ScalarType.Float32;
    public static readonly ScalarType float64 = ScalarType.Float64;
    public static readonly ScalarType @double = ScalarType.Float64;
    public static readonly ScalarType bfloat16 = ScalarType.BFloat16;
    public static readonly ScalarType @bool = ScalarType.Bool;

    /// <summary>Whether values of this type have a fraction.</summary>
    public static bool is_floating_point(ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.Float32 or ScalarType.Float64 or ScalarType.BFloat16;

    /// <summary>Whether this tensor's values have a fraction.</summary>
    public static bool is_floating_point(Tensor t) => is_floating_point(t.dtype);

    /// <summary>The element type of new tensors that are not told one.</summary>
    public static ScalarType get_default_dtype() => (ScalarType)Native.tpo_default_dtype();

    /// <summary>Sets the element type of new tensors that are not told one.</summary>
    public static void set_default_dtype(ScalarType dtype) => Native.Done(Native.tpo_set_default_dtype((int)dtype));

    /// <summary>The version of the libtorch that the shim was compiled against.</summary>
    public static string __version__ => System.Runtime.InteropServices.Marshal.PtrToStringUTF8(Native.tpo_version()) ?? "";
}
