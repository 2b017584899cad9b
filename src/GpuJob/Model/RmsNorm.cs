using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>y = w · x / sqrt(mean(x²) + ε), computed in f32 at least, whatever the input's type. [.., d] → [.., d]</summary>
public sealed class RmsNorm : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly double _epsilon;

    public RmsNorm(long size, double epsilon) : base(nameof(RmsNorm))
    {
        weight = nn.Parameter(ones(new long[] { size }));
        _epsilon = epsilon;
        RegisterComponents();
    }

    /// <summary>The same with less kept and fewer passes on the way back.</summary>
    public Tensor ForwardThriftily(Tensor input)
    {
        if (input.dtype != weight.dtype || input.dtype is not (ScalarType.Float32 or ScalarType.Float64))
            return forward(input);
        using var scope = NewDisposeScope();
        return ThriftyNorm.apply(input, weight, tensor(_epsilon, input.dtype)).MoveToOuterDisposeScope();
    }

    public override Tensor forward(Tensor input)
    {
        using var scope = NewDisposeScope();
        Tensor x = input.dtype == ScalarType.Float64 ? input : input.to_type(ScalarType.Float32);
        Tensor normalized = x * rsqrt((x * x).mean(new long[] { -1 }, keepdim: true) + _epsilon);
        return (weight * normalized.to_type(input.dtype)).MoveToOuterDisposeScope();
    }
}
