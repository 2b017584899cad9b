using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// A linear layer with a low-rank change, y = x Wᵀ + b + (s · x Aᵀ) Bᵀ. Both products are summed where the first lies, here and on the way back: apart from
/// the products there is no pass over a wide tensor.
/// <code>
/// i = s · dy B      dx = dy W + i A      dA = iᵀ x      dB = s dyᵀ (x Aᵀ)      dW = dyᵀ x      db = Σ dy
/// </code>
/// </summary>
public sealed class AdaptedProjection : autograd.SingleTensorFunction<AdaptedProjection>
{
    public override string Name => nameof(AdaptedProjection);

    /// <summary>x [.., n], W [m, n], A [r, n], B [m, r], s [], and where there is one b [m] → [.., m]</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        Tensor[] given = [.. vars.Cast<Tensor>()];
        (Tensor input, Tensor weight, Tensor a, Tensor b, Tensor scale) = (given[0], given[1], given[2], given[3], given[4]);
        using var scope = NewDisposeScope();
        ctx.save_for_backward([.. given]);
        Tensor rows = input.reshape(-1, weight.shape[1]);
        Tensor output = nn.functional.linear(rows, weight, given.ElementAtOrDefault(5));
        AddChange(output, rows, a, b, scale);
        return output.reshape([.. input.shape[..^1], weight.shape[0]]).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor input, Tensor weight, Tensor a, Tensor b, Tensor scale) = (saved[0], saved[1], saved[2], saved[3], saved[4]);
        using var frozen = no_grad();
        Tensor flat = grad_output.reshape(-1, weight.shape[0]), rows = input.reshape(-1, weight.shape[1]);
        (Tensor inner, Tensor toA, Tensor toB) = ToChange(flat, rows, a, b, scale);
        Tensor? toInput = input.requires_grad ? flat.matmul(weight).addmm_(inner, a).reshape(input.shape) : null;
        Tensor? toWeight = weight.requires_grad ? flat.transpose(0, 1).matmul(rows) : null;
        return [toInput!, toWeight!, toA, toB, null!, .. saved.Skip(5).Select(bias => bias.requires_grad ? flat.sum(new long[] { 0 }) : null!)];
    }

    /// <summary>output [N, m] += (s · rows Aᵀ) Bᵀ, scaled where it is narrow; rows [N, n]</summary>
    internal static void AddChange(Tensor output, Tensor rows, Tensor a, Tensor b, Tensor scale) =>
        output.addmm_(rows.matmul(a.transpose(0, 1)).mul_(scale), b.transpose(0, 1));

    /// <summary>dy [N, m], rows [N, n] → i [N, r], dA [r, n], dB [m, r]</summary>
    internal static (Tensor Inner, Tensor ToA, Tensor ToB) ToChange(Tensor gradient, Tensor rows, Tensor a, Tensor b, Tensor scale)
    {
        Tensor inner = gradient.matmul(b).mul_(scale);
        Tensor toB = gradient.transpose(0, 1).matmul(rows.matmul(a.transpose(0, 1)).mul_(scale));
        return (inner, inner.transpose(0, 1).matmul(rows), toB);
    }
}
