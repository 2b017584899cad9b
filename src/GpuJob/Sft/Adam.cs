using Tpo.GpuJob.Model;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// Adam (Kingma, Ba 2015) with its two moments in the open, so that a run can be saved and resumed exactly:
/// m ← β₁ m + (1−β₁) g;  v ← β₂ v + (1−β₂) g²;  p ← p − lr · (m / (1−β₁ᵗ)) / (√(v / (1−β₂ᵗ)) + ε)
/// </summary>
public sealed class Adam
{
    private const double Beta1 = 0.9, Beta2 = 0.98, Epsilon = 1e-8;
    private readonly IReadOnlyList<(string Name, Parameter Parameter)> _parameters;
    private readonly Dictionary<string, Tensor> _moments = [];

    public Adam(IReadOnlyList<(string Name, Parameter Parameter)> parameters)
    {
        _parameters = parameters;
        foreach (var (name, parameter) in parameters)
        {
            _moments[$"m.{name}"] = zeros(parameter.shape);
            _moments[$"v.{name}"] = zeros(parameter.shape);
        }
    }

    public IEnumerable<Parameter> Parameters => _parameters.Select(entry => entry.Parameter);

    public void ZeroGradients()
    {
        foreach (var parameter in Parameters)
            parameter.grad = null;
    }

    /// <summary>Changes every parameter that has a gradient. step counts from 1.</summary>
    public void Step(int step, double learningRate)
    {
        using var frozen = no_grad();
        using var scope = NewDisposeScope();
        double unbias1 = 1 - Math.Pow(Beta1, step), unbias2 = Math.Sqrt(1 - Math.Pow(Beta2, step));
        foreach (var (name, parameter) in _parameters)
        {
            if (parameter.grad is not { } gradient)
                continue;
            Tensor first = _moments[$"m.{name}"], second = _moments[$"v.{name}"];
            first.mul_(Beta1).add_(gradient, alpha: 1 - Beta1);
            second.mul_(Beta2).addcmul_(gradient, gradient, 1 - Beta2);
            parameter.addcdiv_(first, second.sqrt().div_(unbias2).add_(Epsilon), -learningRate / unbias1);
        }
    }

    /// <summary>Both moments of every parameter by name, for a checkpoint.</summary>
    public IReadOnlyDictionary<string, Tensor> Moments => _moments;

    public void Load(IReadOnlyDictionary<string, Tensor> stored)
    {
        using var frozen = no_grad();
        foreach (var (name, moment) in _moments)
            moment.copy_(stored.TryGetValue(name, out var values) ? values
                : throw new InvalidDataException($"The optimiser's state lacks '{name}'; it is of another model."));
    }
}
