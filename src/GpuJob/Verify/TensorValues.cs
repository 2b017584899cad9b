using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Verify;

/// <summary>Numbers of any engine or type, ready to be compared: sizes and values, row-major.</summary>
public sealed record TensorValues(long[] Shape, double[] Values)
{
    /// <summary>The values of a tensor of any floating type on any device.</summary>
    public static TensorValues Of(Tensor tensor)
    {
        using var scope = NewDisposeScope();
        Tensor flat = tensor.detach().cpu().to_type(ScalarType.Float64).contiguous().reshape(new long[] { -1 });
        return new TensorValues(tensor.shape, flat.data<double>().ToArray());
    }

    public static TensorValues Of(long[] shape, IReadOnlyCollection<float> values) => new(shape, [.. values.Select(value => (double)value)]);

    /// <summary>
    /// max|found − expected| / max|expected|, and where it is. Another shape, or a value that is no finite number, fails whatever the tolerance.
    /// </summary>
    public static Finding Compare(string name, TensorValues expected, TensorValues found, double tolerance)
    {
        if (!expected.Shape.SequenceEqual(found.Shape))
            return Finding.Failed(name, $"it has shape [{string.Join(", ", found.Shape)}] instead of [{string.Join(", ", expected.Shape)}]");
        double largest = 0, worst = 0;
        var at = 0;
        for (var i = 0; i < expected.Values.Length; i++)
        {
            double error = Math.Abs(found.Values[i] - expected.Values[i]);
            if (!double.IsFinite(error))
                return Finding.Failed($"{name}{Place(expected.Shape, i)}", $"{Text(found.Values[i])} instead of {Text(expected.Values[i])}");
            if (error > worst)
                (worst, at) = (error, i);
            largest = Math.Max(largest, Math.Abs(expected.Values[i]));
        }
        string where = worst > 0 ? $"{Place(expected.Shape, at)} is {Text(found.Values[at])} instead of {Text(expected.Values[at])}" : "";
        return new Finding(name, largest > 0 ? worst / largest : worst, tolerance, where);
    }

    /// <summary>[2, 3] and 4 → "[1, 1]"</summary>
    private static string Place(long[] shape, long flat)
    {
        long[] index = new long[shape.Length];
        for (int axis = shape.Length - 1; axis >= 0; axis--)
            (flat, index[axis]) = Math.DivRem(flat, shape[axis]);
        return $"[{string.Join(", ", index)}]";
    }

    private static string Text(double value) => value.ToString("G7", CultureInfo.InvariantCulture);
}
