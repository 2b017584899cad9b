using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// Branched sequences laid out as a grid: prefixes padded to one length P, then N branches of L rows each. What <see cref="SharedPrefixBatch"/>
/// hides with a mask of (P + N·L)² scores is here not computed at all: a branch's scores are L·(P + L). The numbers are the same up to rounding.
/// </summary>
public sealed class BranchGrid
{
    private readonly IReadOnlyList<BranchedSequence> _sequences;
    private readonly BranchLayout _layout;
    private readonly int _rows;

    public BranchGrid(IReadOnlyList<BranchedSequence> sequences)
    {
        if (sequences.Any(sequence => sequence.SharedTargets > 0))
            throw new ArgumentException("A grid scores answers alone, no token of the prefix.", nameof(sequences));
        _sequences = sequences;
        _layout = new BranchLayout(
            [.. sequences.Select(sequence => sequence.PrefixLength)], sequences.Max(sequence => sequence.Branches.Count),
            sequences.Max(sequence => sequence.Branches.Max(branch => branch.Context.Length + branch.Answer.Length - 1)));
        _rows = _layout.Prefix + _layout.Branches * _layout.Length;
    }

    /// <summary>
    /// Logits of scored tokens [M, vocabulary] and the true tokens [M], sequences in order, branches in order: those of the answers,
    /// or those of what stands in front of the answers within the branches.
    /// </summary>
    /// <param name="hidden">what <see cref="Hidden"/> gave</param>
    public (Tensor Logits, Tensor Tokens) Scored(LlavaQwenForCausalLM model, Tensor hidden, bool contexts = false)
    {
        using var scope = NewDisposeScope();
        var (rows, tokens) = Targets(contexts);
        Tensor picked = hidden.reshape(new long[] { -1, hidden.shape[2] }).index_select(0, tensor(rows).to(model.Device));
        return (model.Logits(picked).MoveToOuterDisposeScope(), tensor(tokens).to(model.Device).MoveToOuterDisposeScope());
    }

    /// <summary>Hidden states after the final norm [B, P + N·L, d].</summary>
    /// <param name="videos">each sequence's rows [V, d]; null where it has no video</param>
    public Tensor Hidden(LlavaQwenForCausalLM model, IReadOnlyList<Tensor?> videos)
    {
        using var scope = NewDisposeScope();
        Tensor embeds = stack([.. _sequences.Select((sequence, b) => EmbedRow(model, sequence, videos[b]))], 0);
        Tensor positions = tensor(Positions()).reshape(new long[] { _sequences.Count, _rows }).to(model.Device);
        return model.ForwardBranches(embeds, positions, _layout).MoveToOuterDisposeScope();
    }

    private int Row(int branch, int inside) => _layout.Prefix + branch * _layout.Length + inside;

    private Tensor EmbedRow(LlavaQwenForCausalLM model, BranchedSequence sequence, Tensor? video)
    {
        if ((video?.shape[0] ?? 0) != sequence.VideoTokens)
            throw new ArgumentException($"The sequence has room for {sequence.VideoTokens} video tokens, the video has {video?.shape[0] ?? 0}.");
        var ids = new long[_rows];
        Place(ids, 0, sequence.Before);
        Place(ids, sequence.Before.Length + sequence.VideoTokens, sequence.After);
        for (var b = 0; b < sequence.Branches.Count; b++)
            Place(ids, Row(b, 0), [.. sequence.Branches[b].Context, .. sequence.Branches[b].Answer[..^1]]);
        Tensor text = model.Embed(tensor(ids).to(model.Device));
        if (video is null)
            return text;
        long behind = sequence.Before.Length + sequence.VideoTokens;
        return cat(new Tensor[] { text.narrow(0, 0, sequence.Before.Length), video, text.narrow(0, behind, _rows - behind) }, 0);
    }

    private static void Place(long[] row, int at, int[] ids)
    {
        for (var i = 0; i < ids.Length; i++)
            row[at + i] = ids[i];
    }

    private long[] Positions() =>
        [.. _sequences.SelectMany(sequence => Enumerable.Range(0, _rows).Select(row =>
            (long)(row < _layout.Prefix ? row : sequence.PrefixLength + (row - _layout.Prefix) % _layout.Length)))];

    private (long[] Rows, long[] Tokens) Targets(bool contexts)
    {
        List<long> rows = [], tokens = [];
        for (var s = 0; s < _sequences.Count; s++)
        {
            foreach (var (b, branch) in _sequences[s].Branches.Index())
            {
                var first = contexts ? 0 : branch.Context.Length;
                int[] scored = contexts ? branch.Context : branch.Answer;
                for (var k = 0; k < scored.Length; k++)
                {
                    rows.Add((long)s * _rows + (first + k == 0 ? _sequences[s].PrefixLength - 1 : Row(b, first + k - 1)));
                    tokens.Add(scored[k]);
                }
            }
        }
        return ([.. rows], [.. tokens]);
    }
}

/// <summary>Where the rows of a grid are, and how they attend: the prefix to its past, a branch to the whole prefix and its own past.</summary>
public sealed class BranchLayout(IReadOnlyList<int> prefixes, int branches, int length)
{
    /// <summary>P, the longest prefix; shorter ones are followed by rows that nobody looks at.</summary>
    public int Prefix { get; } = prefixes.Max();
    /// <summary>N</summary>
    public int Branches { get; } = branches;
    /// <summary>L, rows a branch</summary>
    public int Length { get; } = length;

    /// <summary>query [B, H, P + N·L, h], key and value [B, K, P + N·L, h] → mixed values [B, H, P + N·L, h]</summary>
    public Tensor Attend(Tensor query, Tensor sharedKey, Tensor sharedValue)
    {
        using var scope = NewDisposeScope();
        (Tensor key, Tensor value) = (QwenAttention.RepeatHeads(sharedKey, query.shape[1]), QwenAttention.RepeatHeads(sharedValue, query.shape[1]));
        (long batch, long heads, long size) = (query.shape[0], query.shape[1], query.shape[3]);
        long own = (long)Branches * Length;
        long[] rows = [batch, heads, own, size], grid = [batch, heads, Branches, Length, size];
        Tensor prefixKey = key.narrow(2, 0, Prefix), prefixValue = value.narrow(2, 0, Prefix);
        Tensor prefix = nn.functional.scaled_dot_product_attention(
            query.narrow(2, 0, Prefix), prefixKey, prefixValue, Causal(Prefix, query.device));

        Tensor asked = query.narrow(2, Prefix, own) * (1 / Math.Sqrt(size));
        Tensor toPrefix = asked.matmul(prefixKey.transpose(2, 3));
        if (prefixes.Any(each => each < Prefix))
            toPrefix = toPrefix + BehindPrefix(query.device);
        Tensor branchKey = key.narrow(2, Prefix, own).reshape(grid), branchValue = value.narrow(2, Prefix, own).reshape(grid);
        Tensor toOwn = asked.reshape(grid).matmul(branchKey.transpose(3, 4)) + Causal(Length, query.device);
        Tensor weights = cat(new Tensor[] { toPrefix.reshape(new long[] { batch, heads, Branches, Length, Prefix }), toOwn }, -1).softmax(-1);
        Tensor fromPrefix = weights.narrow(-1, 0, Prefix).reshape(new long[] { batch, heads, own, Prefix }).matmul(prefixValue);
        Tensor fromOwn = weights.narrow(-1, Prefix, Length).matmul(branchValue).reshape(rows);
        return cat(new Tensor[] { prefix, fromPrefix + fromOwn }, 2).MoveToOuterDisposeScope();
    }

    /// <summary>[n, n] to add to scores: 0 up to the diagonal, −∞ behind it.</summary>
    private static Tensor Causal(long n, Device device)
    {
        using var scope = NewDisposeScope();
        Tensor ahead = ones(new long[] { n, n }, ScalarType.Float32, device).triu(1);
        return ahead.masked_fill(ahead.to_type(ScalarType.Bool), float.NegativeInfinity).MoveToOuterDisposeScope();
    }

    /// <summary>[B, 1, 1, P]: −∞ behind each prefix's own end.</summary>
    private Tensor BehindPrefix(Device device)
    {
        float[] values = [.. prefixes.SelectMany(each => Enumerable.Range(0, Prefix).Select(row => row < each ? 0 : float.NegativeInfinity))];
        return tensor(values).reshape(new long[] { prefixes.Count, 1, 1, Prefix }).to(device);
    }
}
