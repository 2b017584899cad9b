using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>Several branched sequences padded to one length T, ready for the decoder, and the score of their answers.</summary>
public static class SharedPrefixBatch
{
    /// <summary>Rows behind a sequence's end: a segment of their own that nobody looks at.</summary>
    private const long Padding = -1;

    /// <summary>
    /// log π(token | what it may see) of every scored token: for each sequence one tensor [N] in the order of its Targets.
    /// videos holds each sequence's rows [V, d] (null where VideoTokens is 0). Only rows that predict are projected to the vocabulary.
    /// </summary>
    public static IReadOnlyList<Tensor> TokenLogProbs(
        LlavaQwenForCausalLM model, IReadOnlyList<BranchedSequence> sequences, IReadOnlyList<Tensor?> videos)
    {
        using var scope = NewDisposeScope();
        Tensor hidden = Forward(model, sequences, videos);
        var results = new List<Tensor>();
        for (var b = 0; b < sequences.Count; b++)
        {
            long[] rows = [.. sequences[b].Targets.Select(target => (long)target.Row)];
            long[] tokens = [.. sequences[b].Targets.Select(target => (long)target.Token)];
            Tensor picked = hidden.select(0, b).index_select(0, tensor(rows).to(model.Device));
            results.Add(model.TokenLogProbs(picked, tensor(tokens).to(model.Device)).MoveToOuterDisposeScope());
        }
        return results;
    }

    /// <summary>
    /// log π(answer | prefix, context) of each branch, the sum over its tokens and the prefix's scored ones: token log-probs [N] → [branches].
    /// The sums are f64: preference training lives on small differences of these large numbers.
    /// </summary>
    public static Tensor SumByBranch(BranchedSequence sequence, Tensor tokenLogProbs)
    {
        using var scope = NewDisposeScope();
        var sums = new List<Tensor>();
        int start = sequence.SharedTargets;
        Tensor logProbs = tokenLogProbs.to_type(ScalarType.Float64);
        Tensor? shared = start == 0 ? null : logProbs.narrow(0, 0, start).sum();
        foreach (Branch branch in sequence.Branches)
        {
            Tensor own = logProbs.narrow(0, start, branch.Answer.Length).sum();
            sums.Add(shared is null ? own : own + shared);
            start += branch.Answer.Length;
        }
        return stack(sums, 0).MoveToOuterDisposeScope();
    }

    /// <summary>Hidden states after the final norm [B, T, d]; rows behind a sequence's end are meaningless.</summary>
    public static Tensor Forward(LlavaQwenForCausalLM model, IReadOnlyList<BranchedSequence> sequences, IReadOnlyList<Tensor?> videos)
    {
        using var scope = NewDisposeScope();
        int length = sequences.Max(sequence => sequence.Length);
        CheckLength(model, sequences);
        Tensor embeds = stack([.. sequences.Select((sequence, b) => EmbedRow(model, sequence, videos[b], length))], 0);
        Tensor positions = Table(sequences, length, sequence => sequence.Positions, filler: 0).to(model.Device);
        Tensor segments = Table(sequences, length, sequence => sequence.Segments, Padding).to(model.Device);
        return model.forward(embeds, positions, Mask(segments).to_type(embeds.dtype)).MoveToOuterDisposeScope();
    }

    /// <exception cref="InvalidDataException">A sequence is longer than the model reads.</exception>
    public static void CheckLength(LlavaQwenForCausalLM model, IReadOnlyList<BranchedSequence> sequences)
    {
        int longest = model.Config.MaxLength;
        if (sequences.Max(sequence => sequence.Positions.Max()) is var last && last >= longest)
            throw new InvalidDataException(
                $"A sequence reaches position {last}, but tokenizer_model_max_length is {longest}: use fewer frames or shorter texts.");
    }

    /// <summary>
    /// Segments [B, T] → mask [B, 1, T, T] to add to the scores. Row i sees j ≤ i where segment(j) is the prefix or segment(i);
    /// padding rows see themselves, so no row of the softmax is empty.
    /// </summary>
    public static Tensor Mask(Tensor segments)
    {
        using var scope = NewDisposeScope();
        (long batch, long length) = (segments.shape[0], segments.shape[1]);
        Tensor index = arange(length, dtype: ScalarType.Int64, device: segments.device);
        Tensor past = index.unsqueeze(0).le(index.unsqueeze(1));
        Tensor same = segments.unsqueeze(2).eq(segments.unsqueeze(1)).logical_or(segments.unsqueeze(1).eq(0));
        Tensor hiddenFrom = same.logical_and(past).logical_not();
        return zeros(new long[] { batch, length, length }, ScalarType.Float32, segments.device)
            .masked_fill(hiddenFrom, float.NegativeInfinity).unsqueeze(1).MoveToOuterDisposeScope();
    }

    /// <summary>[T, d]: text rows embedded, the video's rows put in their place, any token behind the end.</summary>
    public static Tensor EmbedRow(LlavaQwenForCausalLM model, BranchedSequence sequence, Tensor? video, int length)
    {
        if ((video?.shape[0] ?? 0) != sequence.VideoTokens)
            throw new ArgumentException($"The sequence has room for {sequence.VideoTokens} video tokens, the video has {video?.shape[0] ?? 0}.");
        long[] ids = [.. sequence.Ids.Select(id => (long)id), .. new long[length - sequence.Length]];
        Tensor text = model.Embed(tensor(ids).to(model.Device));
        if (video is null)
            return text;
        long behind = sequence.Before.Length + sequence.VideoTokens;
        return cat(new Tensor[] { text.narrow(0, 0, sequence.Before.Length), video, text.narrow(0, behind, length - behind) }, 0);
    }

    private static Tensor Table(
        IReadOnlyList<BranchedSequence> sequences, int length, Func<BranchedSequence, IReadOnlyList<int>> row, long filler)
    {
        long[] values = new long[sequences.Count * length];
        for (var b = 0; b < sequences.Count; b++)
            for (var t = 0; t < length; t++)
                values[b * length + t] = t < sequences[b].Length ? row(sequences[b])[t] : filler;
        return tensor(values).reshape(new long[] { sequences.Count, length });
    }
}
