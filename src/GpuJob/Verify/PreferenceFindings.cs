using System.Globalization;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Verify;

/// <summary>How numbers of a training run that computes in some type are compared.</summary>
/// <param name="Number">of losses, log-probs, rewards; Tensor: of gradients and weights; Change: of what training changed in a weight</param>
public sealed record PreferenceFindings(double Number, double Tensor, double Change)
{
    /// <summary>
    /// A change is thousands of times smaller than the weight that carries it, and an f32 weight rounds to 6e-8 of its size at every step: up to 4e-4 of the
    /// change after ten steps is rounding. A forgotten weight decay of 0.05 is 5e-3.
    /// </summary>
    private static readonly PreferenceFindings Single = new(Number: 1e-5, Tensor: 1e-4, Change: 1e-3);

    private static readonly PreferenceFindings Double = new(Number: 1e-9, Tensor: 1e-9, Change: 1e-7);

    /// <summary>Of a gradient whose own norm is tiny (a key's bias has none but by rounding), the share of the step's greatest norm that counts with it.</summary>
    private const double Floor = 1e-3;

    public static PreferenceFindings In(ScalarType type) => type == ScalarType.Float64 ? Double : Single;

    /// <summary>|found − expected| / max(1, |expected|): log-probs of whole answers are hundreds, losses and rewards are not.</summary>
    public Finding OfNumber(string what, double expected, double found) =>
        new(what, Math.Abs(found - expected) / Math.Max(1, Math.Abs(expected)), Number, Instead(found, expected));

    /// <summary>A norm, which has no unit: |found − expected| / (|expected| + 10⁻³ · greatest).</summary>
    /// <param name="greatest">of the norms it is one of; 0 = it stands alone</param>
    public Finding OfNorm(string what, double expected, double found, double greatest = 0) =>
        new(what, Share(Math.Abs(found - expected), Math.Abs(expected) + Floor * greatest), Tensor, Instead(found, expected));

    /// <summary>A gradient or a weight: ‖found − expected‖ / (‖expected‖ + 10⁻³ · greatest), L2 in f64.</summary>
    public Finding OfTensor(string what, Tensor expected, Tensor? found, double greatest = 0)
    {
        if (Misfit(what, expected, found) is { } misfit)
            return misfit;
        (double difference, double size) = (Distance(found!, expected), L2(expected));
        return new Finding(what, Share(difference, size + Floor * greatest), Tensor, $"‖Δ‖₂ is {Text(difference)}, ‖reference‖₂ {Text(size)}");
    }

    /// <summary>What training made of a weight: ‖found − expected‖ / ‖expected − start‖, L2 in f64.</summary>
    public Finding OfChange(string what, Tensor expected, Tensor found, Tensor start)
    {
        if (Misfit(what, expected, found) is { } misfit)
            return misfit;
        (double difference, double change) = (Distance(found, expected), Distance(expected, start));
        return new Finding(what, Share(difference, change), Change, $"‖Δ‖₂ is {Text(difference)}, ‖reference − start‖₂ {Text(change)}");
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
