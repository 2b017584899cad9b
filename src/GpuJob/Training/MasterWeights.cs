using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>
/// What the optimiser changes. Parameters that compute in 16 bits have f32 masters: a step of a published rate (3e-7) is smaller than a bf16 weight's last
/// bit, so without them nothing would move. The masters collect each pair's gradient, are stepped, and are rounded into the parameters again. Parameters of
/// f32 or f64 are their own masters.
/// </summary>
public sealed class MasterWeights : IDisposable
{
    private readonly (Parameter Master, Parameter Computing)[] _rounded;

    public MasterWeights(IReadOnlyList<(string Name, Parameter Parameter)> computing)
    {
        using var frozen = no_grad();
        All = [.. computing.Select(entry => (entry.Name, IsNarrow(entry.Parameter) ? nn.Parameter(entry.Parameter.detach().to_type(ScalarType.Float32)) : entry.Parameter))];
        _rounded = [.. All.Zip(computing, (master, own) => (master.Parameter, own.Parameter)).Where(pair => IsNarrow(pair.Item2))];
    }

    /// <summary>By name, in the order of the parameters.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> All { get; }

    /// <summary>Adds the gradients that a pair left at the parameters to the masters'.</summary>
    public void Collect()
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        foreach ((Parameter master, Parameter computing) in _rounded)
        {
            if (computing.grad is not { } gradient)
                continue;
            if (master.grad is { } sum)
                sum.add_(gradient);
            else
                master.grad = gradient.to_type(ScalarType.Float32);
            computing.grad = null;
        }
    }

    /// <summary>Rounds the masters into the parameters.</summary>
    public void Apply()
    {
        using var frozen = no_grad();
        foreach ((Parameter master, Parameter computing) in _rounded)
            computing.copy_(master);
    }

    public void Dispose()
    {
        foreach ((Parameter master, _) in _rounded)
            master.Dispose();
    }

    private static bool IsNarrow(Tensor tensor) => tensor.dtype is ScalarType.BFloat16 or ScalarType.Float16;
}
