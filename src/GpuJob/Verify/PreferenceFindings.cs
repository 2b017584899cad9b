using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Verify;

/// <summary>How numbers of a training run are compared.</summary>
public static class PreferenceFindings
{
    private const double Tolerance = 1e-4;
    /// <summary>
    /// Of what training changed in a weight. A change is thousands of times smaller than the weight that carries it, and an f32 weight rounds
    /// to 6e-8 of its size at every step: up to 4e-4 of the change after ten steps is rounding. A forgotten weight decay of 0.05 is 5e-3.
    /// </summary>
    private const double ChangeTolerance = 1e-3;

    /// <summary>Losses, log-probs, rewards: |found − expected|.</summary>
    public static Finding Number(string what, double expected, double found) =>
        new(what, Math.Abs(found - expected), Tolerance, Instead(found, expected));

    /// <summary>Norms, which have no unit: |found − expected| / |expected|.</summary>
    public static Finding Norm(string what, double expected, double found) =>
        new(what, Share(Math.Abs(found - expected), Math.Abs(expected)), Tolerance, Instead(found, expected));

    /// <summary>A gradient or a weight: ‖found − expected‖ / ‖expected‖, L2 in f64.</summary>
    public static Finding Tensor(string what, Tensor expected, Tensor? found)
    {
        if (Misfit(what, expected, found) is { } misfit)
            return misfit;
        (double difference, double size) = (Distance(found!, expected), L2(expected));
        return new Finding(what, Share(difference, size), Tolerance, $"‖Δ‖₂ is {Text(difference)}, ‖reference‖₂ {Text(size)}");
    }

    /// <summary>What training made of a weight: ‖found − expected‖ / ‖expected − start‖, L2 in f64.</summary>
    public static Finding Change(string what, Tensor expected, Tensor found, Tensor start)
    {
        if (Misfit(what, expected, found) is { } misfit)
            return misfit;
        (double difference, double change) = (Distance(found, expected), Distance(expected, start));
        return new Finding(what, Share(difference, change), ChangeTolerance, $"‖Δ‖₂ is {Text(difference)}, ‖reference − start‖₂ {Text(change)}");
    }

    /// <summary>L2 norm in f64; 0 for no tensor, as for a parameter that no gradient reached.</summary>
    public static double L2(Tensor? values)
    {
        using var scope = NewDisposeScope();
        return values is null ? 0 : Math.Sqrt(Wide(values).square().sum().item<double>());
    }

    /// <summary>‖a − b‖, L2 in f64.</summary>
    public static double Distance(Tensor a, Tensor b)
    {
        using var scope = NewDisposeScope();
        return L2(Wide(a) - Wide(b));
    }

    private static Finding? Misfit(string what, Tensor expected, Tensor? found) =>
        found is null ? Finding.Failed(what, "there is none in this build's run")
        : found.shape.SequenceEqual(expected.shape) ? null
        : Finding.Failed(what, $"it has shape [{string.Join(", ", found.shape)}] instead of [{string.Join(", ", expected.shape)}]");

    private static Tensor Wide(Tensor values) => values.detach().cpu().to_type(ScalarType.Float64);

    private static double Share(double error, double size) => error == 0 ? 0 : error / size;

    private static string Instead(double found, double expected) => found == expected ? "" : $"{Text(found)} instead of {Text(expected)}";

    private static string Text(double value) => value.ToString("G7", CultureInfo.InvariantCulture);
}
