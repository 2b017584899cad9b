using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary><see cref="Rotary.Apply"/> in one new tensor; the way back is the turn in the other direction.</summary>
public sealed class ThriftyRotary : autograd.SingleTensorFunction<ThriftyRotary>
{
    public override string Name => nameof(ThriftyRotary);

    /// <summary>x [B, H, T, h], cos and sin [B, 1, T, h] → [B, H, T, h]</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        ctx.save_for_backward([(Tensor)vars[1], (Tensor)vars[2]]);
        return Turned((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], direction: 1);
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        using var frozen = no_grad();
        return [Turned(grad_output, saved[0], saved[1], direction: -1), null!, null!];
    }

    /// <summary>[a, b] → [a cos − b sin, b cos + a sin] over the halves of the last axis; sin's halves are the same.</summary>
    private static Tensor Turned(Tensor x, Tensor cos, Tensor sin, int direction)
    {
        using var scope = NewDisposeScope();
        long half = x.shape[^1] / 2;
        Tensor turned = x * cos;
        Tensor narrow = sin.narrow(-1, 0, half);
        turned.narrow(-1, 0, half).addcmul_(x.narrow(-1, half, half), narrow, -direction);
        turned.narrow(-1, half, half).addcmul_(x.narrow(-1, 0, half), narrow, direction);
        return turned.MoveToOuterDisposeScope();
    }
}
