using System.Runtime.InteropServices;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>Samples as the model reads them: a prefix a video, its questions as branches, and the pixels of all frames.</summary>
public sealed class AnswerBatch
{
    private const double QuestionWeight = 0.2, TowerWeight = 0.3;
    private readonly IReadOnlyList<BranchedSequence> _sequences;
    private readonly BranchGrid _grid;
    private readonly IReadOnlyList<SftSample> _samples;
    private readonly int _side;
    private readonly long[] _learned;

    public AnswerBatch(IReadOnlyList<SftSample> samples, Tokenizer tokenizer, CheckpointConfig config)
    {
        (_samples, _side) = (samples, config.Vision.ImageSize);
        int[] prefix = ChatTemplate.Prefix(tokenizer);
        _sequences = [.. samples.Select(sample => new BranchedSequence(
            prefix, VideoTokens.Count(sample.Frames.Count, config), sample.Story is null ? [] : tokenizer.Encode(sample.Story),
            [.. sample.Questions.Select(question =>
                new Branch(ChatTemplate.Turn(tokenizer, question.Prompt), ChatTemplate.Answer(tokenizer, question.Answer)))]))];
        _grid = new BranchGrid(_sequences);
        _learned = [.. samples.SelectMany((sample, b) => sample.Questions.SelectMany((question, q) =>
            question.Learned(tokenizer, _sequences[b].Branches[q].Answer))).Index().Where(token => token.Item).Select(token => (long)token.Index)];
    }

    /// <summary>
    /// Mean cross-entropy of the answers' learned tokens, and a part of that of the questions' and options' own: what is asked and offered is mostly
    /// what the video shows, so reading it teaches to look and to copy, densely. Where there are frames, the tower is taught on with them.
    /// </summary>
    public Tensor Loss(LlavaQwenForCausalLM model, TowerTeacher teacher)
    {
        using var scope = NewDisposeScope();
        Tensor? patches = Patches(model);
        Tensor hidden = Hidden(model, patches);
        var (answers, said) = _grid.Scored(model, hidden);
        Tensor learned = tensor(_learned).to(model.Device);
        var (questions, asked) = _grid.Scored(model, hidden, contexts: true);
        Tensor loss = nn.functional.cross_entropy(answers.index_select(0, learned), said.index_select(0, learned)) + QuestionWeight * nn.functional.cross_entropy(questions, asked);
        return (patches is null ? loss : loss + TowerWeight * teacher.Loss(patches, _samples)).MoveToOuterDisposeScope();
    }

    /// <summary>The likeliest token at every answer token's place, samples in order, branches in order.</summary>
    public long[] Greedy(LlavaQwenForCausalLM model)
    {
        using var scope = NewDisposeScope();
        Tensor greedy = _grid.Scored(model, Hidden(model, Patches(model))).Logits.argmax(-1).cpu().contiguous();
        return MemoryMarshal.Cast<byte, long>(greedy.bytes).ToArray();
    }

    /// <summary>The tower's output for all frames [B · F, P, v]; null where there are none.</summary>
    private Tensor? Patches(LlavaQwenForCausalLM model) =>
        _samples[0].Frames.Count == 0 ? null : model.EncodeFrames(FramePixels.Of(_samples, _side).to(model.Device));

    private Tensor Hidden(LlavaQwenForCausalLM model, Tensor? patches)
    {
        using var scope = NewDisposeScope();
        var frames = _samples[0].Frames.Count;
        Tensor?[] videos = [.. _samples.Select((_, b) => patches is null ? null : model.ProjectFrames(patches.narrow(0, (long)b * frames, frames)))];
        return _grid.Hidden(model, videos).MoveToOuterDisposeScope();
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
