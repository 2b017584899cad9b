using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>One sequence without branches or padding: every row sees itself and the rows before it.</summary>
public static class PlainSequence
{
    /// <summary>Stands for the whole video among token ids, however many rows it takes.</summary>
    public const long VideoToken = -200;

    /// <summary>Token ids with at most one −200, and the video's rows [V, d] that go in its place → [T, d]</summary>
    /// <exception cref="ArgumentException">a −200 without a video, a video without a −200, or several</exception>
    public static Tensor Embed(LlavaQwenForCausalLM model, long[] ids, Tensor? video)
    {
        if (ids.Count(id => id == VideoToken) != (video is null ? 0 : 1))
            throw new ArgumentException($"The ids hold {ids.Count(id => id == VideoToken)} video tokens (−200) where {(video is null ? "no video was" : "one video was")} given.", nameof(ids));
        using var scope = NewDisposeScope();
        if (video is null)
            return Text(model, ids).MoveToOuterDisposeScope();
        int place = Array.IndexOf(ids, VideoToken);
        Tensor[] parts = [Text(model, ids[..place]), video, Text(model, ids[(place + 1)..])];
        return cat(parts, 0).MoveToOuterDisposeScope();
    }

    /// <summary>[T, d] → the decoder's states [T, d]: 0 = the embeddings, i = after layer i, the last = after the final norm.</summary>
    public static IReadOnlyList<Tensor> HiddenStates(LlavaQwenForCausalLM model, Tensor embeds)
    {
        using var scope = NewDisposeScope();
        (Tensor positions, Tensor mask) = Causal(model, embeds.shape[0]);
        return [.. model.HiddenStates(embeds.unsqueeze(0), positions, mask).Select(state => state.squeeze(0).MoveToOuterDisposeScope())];
    }

    /// <summary>[T, d] → what follows the last row: [vocabulary]</summary>
    public static Tensor LastLogits(LlavaQwenForCausalLM model, Tensor embeds)
    {
        using var scope = NewDisposeScope();
        (Tensor positions, Tensor mask) = Causal(model, embeds.shape[0]);
        Tensor hidden = model.forward(embeds.unsqueeze(0), positions, mask);
        return model.Logits(hidden.select(1, embeds.shape[0] - 1)).squeeze(0).MoveToOuterDisposeScope();
    }

    /// <summary>Positions 0 … T − 1 [1, T] and the causal mask [1, 1, T, T].</summary>
    private static (Tensor Positions, Tensor Mask) Causal(LlavaQwenForCausalLM model, long length)
    {
        if (length > model.Config.MaxLength)
            throw new InvalidDataException($"A sequence has {length} rows, but tokenizer_model_max_length is {model.Config.MaxLength}: use fewer frames or shorter texts.");
        Tensor oneSegment = zeros(new long[] { 1, length }, ScalarType.Int64, model.Device);
        return (arange(length, ScalarType.Int64, model.Device).unsqueeze(0), SharedPrefixBatch.Mask(oneSegment));
    }

    private static Tensor Text(LlavaQwenForCausalLM model, long[] ids) => model.Embed(tensor(ids).to(model.Device));
}
