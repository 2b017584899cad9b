using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>The two factors of a low-rank change of a weight: A [r, in], B [out, r].</summary>
public sealed record LowRankChange(Parameter A, Parameter B, double Scale)
{
    /// <summary>What the factors add to a weight, or B's rows to the weight's same rows: (α / r) · B A. [out, in]</summary>
    public static Tensor Added(Tensor a, Tensor b, double scale) => b.matmul(a) * scale;
}

/// <summary>
/// A linear layer that a low-rank adapter can be put on (Hu et al. 2021, section 4.1). [.., in] → [.., out]
/// <code>y = x Wᵀ + b                          without an adapter
/// y = x Wᵀ + b + ((α / r) · x Aᵀ) Bᵀ     with one</code>
/// Its own state is W and b under the checkpoint's names, with or without an adapter: A and B belong to the <see cref="LoraAdapter"/>.
/// </summary>
public sealed class LoraLinear : nn.Module<Tensor, Tensor>
{
    private readonly Parameter weight;
    private readonly Parameter? bias;

    public LoraLinear(long inputs, long outputs, bool hasBias) : base(nameof(LoraLinear))
    {
        (Inputs, Outputs) = (inputs, outputs);
        weight = nn.Parameter(zeros(new long[] { outputs, inputs }));
        if (hasBias)
            bias = nn.Parameter(zeros(new long[] { outputs }));
        RegisterComponents();
    }

    public long Inputs { get; }
    public long Outputs { get; }
    public Device Device => weight.device;
    public ScalarType Type => weight.dtype;

    /// <summary>The change that is added now; an adapter sets it.</summary>
    public LowRankChange? Change { get; set; }

    /// <summary>The weight that computes the same without an adapter: W + (α / r) · B A. [out, in]</summary>
    public Tensor MergedWeight()
    {
        using var scope = NewDisposeScope();
        Tensor own = weight.detach();
        return (Change is { } change ? own + LowRankChange.Added(change.A.detach(), change.B.detach(), change.Scale) : own.clone()).MoveToOuterDisposeScope();
    }

    /// <summary>Works the change into the weight for good and takes it off.</summary>
    public void Merge()
    {
        using var frozen = no_grad();
        using Tensor merged = MergedWeight();
        weight.copy_(merged);
        Change = null;
    }

    /// <summary>silu(gate) ∘ up as the input, which is not kept. gate, up [.., in] → [.., out]; a layer without bias.</summary>
    public Tensor ForwardGated(Tensor gate, Tensor up)
    {
        using var scope = NewDisposeScope();
        return (Change is { } change
            ? GatedProjection.apply(gate, up, weight, change.A, change.B, tensor(change.Scale, gate.dtype))
            : GatedProjection.apply(gate, up, weight)).MoveToOuterDisposeScope();
    }

    public override Tensor forward(Tensor input)
    {
        if (Change is not { } change)
            return nn.functional.linear(input, weight, bias);
        using var scope = NewDisposeScope();
        Tensor scale = tensor(change.Scale, input.dtype);
        return (bias is null
            ? AdaptedProjection.apply(input, weight, change.A, change.B, scale)
            : AdaptedProjection.apply(input, weight, change.A, change.B, scale, bias)).MoveToOuterDisposeScope();
    }
}
