using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// log softmax(x Wᵀ)[t], a hundred rows at a time: an answer of a thousand tokens over a vocabulary of 152,000 would keep 1.8 GB of logits.
/// Nothing of them is kept; backward computes them again.
/// <code>
/// ∂/∂z = g · (onehot(t) − softmax(z))      dx = ∂/∂z W      dW = (∂/∂z)ᵀ x
/// </code>
/// </summary>
public sealed class ChunkedLogProbs : autograd.SingleTensorFunction<ChunkedLogProbs>
{
    /// <summary>Up to so many rows one product over all of them is cheaper than computing it twice.</summary>
    public const int Rows = 128;

    public override string Name => nameof(ChunkedLogProbs);

    /// <summary>x [N, d], W [V, d], t [N] (Int64) → [N], in f32 at least</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        (Tensor rows, Tensor weight, Tensor tokens) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2]);
        using var scope = NewDisposeScope();
        ctx.save_for_backward([rows, weight, tokens]);
        return cat([.. Chunks(rows).Select(chunk =>
        {
            using var one = NewDisposeScope();
            return LogProbs(Logits(rows, weight, chunk), tokens.narrow(0, chunk.Start, chunk.Count)).MoveToOuterDisposeScope();
        })], 0).MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor rows, Tensor weight, Tensor tokens) = (saved[0], saved[1], saved[2]);
        Tensor toRows = empty_like(rows);
        Tensor? toWeight = weight.requires_grad ? zeros_like(weight) : null;
        foreach (var chunk in Chunks(rows))
        {
            using var one = NewDisposeScope();
            Tensor share = Logits(rows, weight, chunk).softmax(-1);
            Tensor gradient = grad_output.narrow(0, chunk.Start, chunk.Count).unsqueeze(-1);
            Tensor ids = tokens.narrow(0, chunk.Start, chunk.Count).unsqueeze(-1);
            Tensor logits = share.mul_(-gradient).scatter_add_(-1, ids, gradient).to_type(rows.dtype);
            toRows.narrow(0, chunk.Start, chunk.Count).copy_(logits.matmul(weight));
            toWeight?.add_(logits.transpose(0, 1).matmul(rows.narrow(0, chunk.Start, chunk.Count)));
        }
        return [toRows, toWeight!, null!];
    }

    /// <summary>logits [n, V], tokens [n] → [n]</summary>
    public static Tensor LogProbs(Tensor logits, Tensor tokens)
    {
        using var scope = NewDisposeScope();
        return nn.functional.log_softmax(Precise(logits), -1).gather(-1, tokens.unsqueeze(-1)).squeeze(-1).MoveToOuterDisposeScope();
    }

    private static Tensor Logits(Tensor rows, Tensor weight, (long Start, long Count) chunk) =>
        Precise(nn.functional.linear(rows.narrow(0, chunk.Start, chunk.Count), weight));

    private static Tensor Precise(Tensor logits) => logits.dtype == ScalarType.Float64 ? logits : logits.to_type(ScalarType.Float32);

    private static IEnumerable<(long Start, long Count)> Chunks(Tensor rows)
    {
        for (long start = 0; start < rows.shape[0]; start += Rows)
            yield return (start, Math.Min(Rows, rows.shape[0] - start));
    }
}
