using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Training;

/// <summary>
/// What the optimiser changes. Parameters that compute in 16 bits have f32 masters: a step of a published rate (3e-7) is smaller than a bf16 weight's last
/// bit, so without them nothing would move. They may lie in the machine's memory while the parameters lie in a GPU's. The masters collect each pair's gradient, are stepped, and are rounded into the parameters again. Parameters of
/// f32 or f64 are their own masters.
/// </summary>
public sealed class MasterWeights : IDisposable
{
    private readonly (Parameter Master, Parameter Computing)[] _rounded;

    /// <param name="offload">masters of every parameter, in the machine's memory</param>
    public MasterWeights(IReadOnlyList<(string Name, Parameter Parameter)> computing, bool offload = false)
    {
        using var frozen = no_grad();
        All = [.. computing.Select(entry => (entry.Name, offload || IsNarrow(entry.Parameter) ? Master(entry.Parameter, offload) : entry.Parameter))];
        _rounded = [.. All.Zip(computing, (master, own) => (master.Parameter, own.Parameter)).Where(pair => !ReferenceEquals(pair.Item1, pair.Item2))];
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
                sum.add_(gradient.to(master.device));
            else
                master.grad = gradient.to(master.device).to_type(master.dtype);
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

    private static Parameter Master(Parameter own, bool offload)
    {
        Tensor here = offload ? own.detach().cpu() : own.detach();
        return nn.Parameter((IsNarrow(own) ? here.to_type(ScalarType.Float32) : here).clone());
    }

    private static bool IsNarrow(Tensor tensor) => tensor.dtype is ScalarType.BFloat16 or ScalarType.Float16;
}
