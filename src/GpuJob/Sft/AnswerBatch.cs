using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>Samples as the model reads them: one row of tokens a video, its questions as branches, and the pixels of all frames.</summary>
public sealed class AnswerBatch
{
    private readonly IReadOnlyList<BranchedSequence> _sequences;
    private readonly IReadOnlyList<SftSample> _samples;
    private readonly int _side;

    public AnswerBatch(IReadOnlyList<SftSample> samples, Tokenizer tokenizer, CheckpointConfig config)
    {
        (_samples, _side) = (samples, config.Vision.ImageSize);
        int[] prefix = ChatTemplate.Prefix(tokenizer);
        _sequences = [.. samples.Select(sample => new BranchedSequence(
            prefix, VideoTokens.Count(sample.Frames.Count, config), [],
            [.. sample.Questions.Select(question =>
                new Branch(ChatTemplate.Turn(tokenizer, question.Prompt), ChatTemplate.Answer(tokenizer, question.Answer)))]))];
    }

    /// <summary>Answer tokens of the whole batch, N.</summary>
    public int Targets => _sequences.Sum(sequence => sequence.Targets.Count);

    /// <summary>Logits of every answer token [N, vocabulary] and the true tokens [N], samples in order, branches in order.</summary>
    public (Tensor Logits, Tensor Tokens) Forward(LlavaQwenForCausalLM model)
    {
        using var scope = NewDisposeScope();
        var frames = _samples[0].Frames.Count;
        var videos = new Tensor?[_samples.Count];
        if (frames > 0)
        {
            Tensor patches = model.EncodeFrames(FramePixels.Of(_samples, _side).to(model.Device));
            for (var b = 0; b < videos.Length; b++)
                videos[b] = model.ProjectFrames(patches.narrow(0, (long)b * frames, frames));
        }
        Tensor hidden = SharedPrefixBatch.Forward(model, _sequences, videos);
        var length = hidden.shape[1];
        long[] rows = [.. _sequences.SelectMany((sequence, b) => sequence.Targets.Select(target => b * length + target.Row))];
        long[] tokens = [.. _sequences.SelectMany(sequence => sequence.Targets.Select(target => (long)target.Token))];
        Tensor picked = hidden.reshape(new long[] { -1, hidden.shape[2] }).index_select(0, tensor(rows).to(model.Device));
        return (model.Logits(picked).MoveToOuterDisposeScope(), tensor(tokens).to(model.Device).MoveToOuterDisposeScope());
    }

    /// <summary>
    /// Whether greedy decoding would write the answer exactly, a branch after the other. With the true answer's beginning in front of it
    /// every token must be the most likely one, the end mark included: the same condition, for one forward pass.
    /// </summary>
    public IEnumerable<(SftQuestion Question, bool Exact)> Exact(long[] greedy)
    {
        var at = 0;
        for (var b = 0; b < _samples.Count; b++)
        {
            for (var q = 0; q < _samples[b].Questions.Count; q++)
            {
                int[] answer = _sequences[b].Branches[q].Answer;
                var exact = true;
                for (var k = 0; k < answer.Length; k++)
                    exact &= greedy[at + k] == answer[k];
                at += answer.Length;
                yield return (_samples[b].Questions[q], exact);
            }
        }
    }
}
