using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// The end of a gated feed-forward, down(silu(g) ∘ u), that keeps neither silu(g) nor the product: the widest tensors of a layer are made again on the way back,
/// which costs two passes over them and no matrix product. With an adapter on the projection, y = p Wᵀ + s (p Aᵀ) Bᵀ.
/// <code>
/// p = silu(g) ∘ u      dp = dy W + s (dy B) A      dW = dyᵀ p      dA = s (dy B)ᵀ p      dB = s dyᵀ (p Aᵀ)
/// du = dp ∘ silu(g)    dg = dp ∘ u ∘ silu′(g)
/// </code>
/// </summary>
public sealed class GatedProjection : autograd.SingleTensorFunction<GatedProjection>
{
    public override string Name => nameof(GatedProjection);

    /// <summary>g, u [B, R, f], W [d, f], and where there is an adapter A [r, f], B [d, r], s [] → [B, R, d]</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        Tensor[] given = [.. vars.Cast<Tensor>()];
        using var scope = NewDisposeScope();
        ctx.save_for_backward([.. given]);
        Tensor product = nn.functional.silu(given[0]).mul_(given[1]), weight = given[2];
        Tensor output = nn.functional.linear(product, weight);
        if (given is [_, _, _, var a, var b, var scale])
            AdaptedProjection.AddChange(output.reshape(-1, weight.shape[0]), product.reshape(-1, weight.shape[1]), a, b, scale);
        return output.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor up, Tensor weight) = (saved[1], saved[2]);
        using var again = enable_grad();
        Tensor gate = saved[0].detach().requires_grad_();
        Tensor activated = nn.functional.silu(gate);
        using var frozen = no_grad();
        Tensor flat = grad_output.reshape(-1, weight.shape[0]);
        Tensor toProduct = grad_output.matmul(weight);
        // The product only where a weight's gradient wants it.
        Tensor product() => (activated * up).reshape(-1, weight.shape[1]);
        Tensor? toWeight = weight.requires_grad ? flat.transpose(0, 1).matmul(product()) : null;
        List<Tensor> toAdapter = [];
        if (saved is [_, _, _, var a, var b, var scale])
        {
            using var scope = NewDisposeScope();
            (Tensor inner, Tensor toA, Tensor toB) = AdaptedProjection.ToChange(flat, product(), a, b, scale);
            toProduct.reshape(-1, weight.shape[1]).addmm_(inner, a);
            toAdapter = [toA.MoveToOuterDisposeScope(), toB.MoveToOuterDisposeScope()];
        }
        Tensor toUp = toProduct * activated.detach();
        Tensor toGate = autograd.grad([activated], [gate], [toProduct.mul_(up)])[0];
        return [toGate, toUp, toWeight!, .. toAdapter, .. saved.Skip(5).Select(_ => (Tensor)null!)];
    }
}
