using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// <see cref="RmsNorm"/> that keeps its input and a number a row, and goes back in two passes over them.
/// <code>
/// r = 1 / sqrt(mean(x²) + ε)      y = w ∘ x r
/// t = dy ∘ w                      dx = r t − x r³ mean(t ∘ x)      dw = Σ dy ∘ x r
/// </code>
/// </summary>
public sealed class ThriftyNorm : autograd.SingleTensorFunction<ThriftyNorm>
{
    public override string Name => nameof(ThriftyNorm);

    /// <summary>x [.., d], w [d], ε [], all of one type → [.., d]</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        (Tensor input, Tensor weight, Tensor epsilon) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
        using var scope = NewDisposeScope();
        Tensor inverse = input.square().mean(new long[] { -1 }, keepdim: true).add_(epsilon).rsqrt_().MoveToOuterDisposeScope();
        ctx.save_for_backward([input, weight, inverse]);
        return (input * inverse).mul_(weight).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor input, Tensor weight, Tensor inverse) = (saved[0], saved[1], saved[2]);
        using var frozen = no_grad();
        Tensor? toWeight = weight.requires_grad ? (grad_output * input).mul_(inverse).reshape(-1, weight.shape[0]).sum(new long[] { 0 }) : null;
        Tensor scaled = grad_output * weight;
        Tensor mean = (scaled * input).mean(new long[] { -1 }, keepdim: true);
        return [scaled.mul_(inverse).addcmul_(input, mean.mul_(inverse.pow(3)), -1), toWeight!, null!];
    }
}
