using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// Attention over a branched row of T tokens, a block of rows at a time. A block [a, b) sees rows [0, c) wholly and [a, b) up to the diagonal; what it may
/// not see is not computed. Nothing of the weights is kept: backward computes them again from query and key (as Dao et al. 2022, section 3.1).
/// <code>
/// forward     P = softmax(Q Kᵀ / √h)        O = P V
/// backward    dV = Pᵀ dO      dS = P ∘ (dO Vᵀ − rowsum(dO ∘ O))      dQ = dS K / √h      dK = dSᵀ Q / √h
/// </code>
/// H query heads share K key and value heads: the H / K heads of a group are rows of one product.
/// </summary>
public sealed class BranchAttention : autograd.SingleTensorFunction<BranchAttention>
{
    /// <summary>Rows of a block: enough for a product of good size, few enough that little is computed behind the diagonal.</summary>
    private const int BlockRows = 128;

    public override string Name => nameof(BranchAttention);

    /// <summary>The blocks of a row's tokens from one on, [N, 3] of a, b, c: a prefix's block sees all before it, a branch the prefix and itself.</summary>
    public static Tensor Blocks(BranchedSequence sequence, int from)
    {
        var blocks = new List<long>();
        for (int start = from; start < sequence.PrefixLength; start += BlockRows)
            blocks.AddRange([start, Math.Min(start + BlockRows, sequence.PrefixLength), start]);
        int first = sequence.PrefixLength;
        foreach (Branch branch in sequence.Branches)
        {
            int rows = branch.Context.Length + branch.Answer.Length - 1;
            if (rows > 0)
                blocks.AddRange([first, first + rows, sequence.PrefixLength]);
            first += rows;
        }
        return tensor([.. blocks], ScalarType.Int64).reshape(-1, 3);
    }

    /// <summary>query [B, H, R, h] of the last R rows; key, value [B, K, T, h]; blocks [N, 3] that are those R rows → [B, H, R, h]</summary>
    public override Tensor forward(autograd.AutogradContext ctx, params object[] vars)
    {
        (Tensor query, Tensor key, Tensor value, Tensor blocks) = ((Tensor)vars[0], (Tensor)vars[1], (Tensor)vars[2], (Tensor)vars[3]);
        using var scope = NewDisposeScope();
        long[] shape = query.shape;
        // In the order of rows, so that joining the heads of a row moves nothing.
        Tensor output = empty(new long[] { shape[0], shape[2], shape[1], shape[3] }, query.dtype, query.device).transpose(1, 2);
        foreach (Block block in Block.All(query, key, blocks))
        {
            using var one = NewDisposeScope();
            Tensor weights = block.Weights(block.Rows(query), block.Keys(key));
            block.Place(output, weights.matmul(block.Keys(value)));
        }
        ctx.save_for_backward([query, key, value, blocks, output]);
        return output.MoveToOuterDisposeScope();
    }

    public override List<Tensor> backward(autograd.AutogradContext ctx, Tensor grad_output)
    {
        List<Tensor> saved = ctx.get_saved_variables();
        (Tensor query, Tensor key, Tensor value, Tensor blocks, Tensor output) = (saved[0], saved[1], saved[2], saved[3], saved[4]);
        Tensor queries = empty_like(query), keys = zeros_like(key), values = zeros_like(value);
        foreach (Block block in Block.All(query, key, blocks))
        {
            using var one = NewDisposeScope();
            Tensor asked = block.Rows(query), seen = block.Keys(key), from = block.Rows(grad_output);
            Tensor weights = block.Weights(asked, seen);
            block.Add(values, weights.transpose(1, 2).matmul(from));
            Tensor scores = from.matmul(block.Keys(value).transpose(1, 2));
            scores.sub_((from * block.Rows(output)).sum(-1, keepdim: true)).mul_(weights).mul_(block.Scale);
            block.Place(queries, scores.matmul(seen));
            block.Add(keys, scores.transpose(1, 2).matmul(asked));
        }
        return [queries, keys, values, null!];
    }

    /// <summary>One block, G = H / K.</summary>
    private readonly record struct Block(long Start, long End, long Before, long From, long Batch, long Groups, long Size)
    {
        private long Count => End - Start;
        public double Scale => 1 / Math.Sqrt(Size);

        public static IEnumerable<Block> All(Tensor query, Tensor key, Tensor blocks)
        {
            (long batch, long groups) = (query.shape[0], query.shape[1] / key.shape[1]);
            long from = key.shape[2] - query.shape[2];
            long[] numbers = blocks.data<long>().ToArray();
            return numbers.Chunk(3).Select(each => new Block(each[0], each[1], each[2], from, batch, groups, query.shape[3]));
        }

        /// <summary>[B, H, R, h] → its rows [B·K, G·n, h]</summary>
        public Tensor Rows(Tensor all) => all.narrow(2, Start - From, Count).reshape(all.shape[0] * all.shape[1] / Groups, Groups * Count, Size);

        /// <summary>[B, K, T, h] → what it sees [B·K, c + n, h]</summary>
        public Tensor Keys(Tensor all)
        {
            Tensor seen = Before == Start
                ? all.narrow(2, 0, End)
                : cat(new Tensor[] { all.narrow(2, 0, Before), all.narrow(2, Start, Count) }, 2);
            return seen.reshape(all.shape[0] * all.shape[1], Before + Count, Size);
        }

        /// <summary>softmax of the masked scores [B·K, G·n, c + n]</summary>
        public Tensor Weights(Tensor rows, Tensor keys)
        {
            using var scope = NewDisposeScope();
            Tensor scores = (rows * Scale).matmul(keys.transpose(1, 2));
            Tensor ahead = ones(new long[] { Count, Count }, ScalarType.Bool, rows.device).triu(1);
            scores.reshape(scores.shape[0], Groups, Count, Before + Count).narrow(3, Before, Count).masked_fill_(ahead, double.NegativeInfinity);
            return scores.softmax(-1).MoveToOuterDisposeScope();
        }

        /// <summary>Rows [B·K, G·n, h] into their place of [B, H, R, h]</summary>
        public void Place(Tensor all, Tensor rows) => all.narrow(2, Start - From, Count).copy_(rows.reshape(Batch, -1, Count, Size));

        /// <summary>[B·K, c + n, h] added to the rows that were seen of [B, K, T, h]</summary>
        public void Add(Tensor all, Tensor seen)
        {
            Tensor each = seen.reshape(Batch, -1, Before + Count, Size);
            all.narrow(2, 0, Before).add_(each.narrow(2, 0, Before));
            all.narrow(2, Start, Count).add_(each.narrow(2, Before, Count));
        }
    }
}
