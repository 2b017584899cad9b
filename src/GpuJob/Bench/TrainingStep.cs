using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Bench;

/// <summary>
/// One training step of the decoder alone: forward, next-token loss over all places, backward, clipping to 1, AdamW. The same mathematics on
/// the same numbers is in infra/local/bench/step.py.
/// </summary>
public sealed class TrainingStep : IDisposable
{
    /// <summary>The measured shape: 4 layers of d = 256; the vision tower is as small as can be and takes no part.</summary>
    public static CheckpointConfig Shape { get; } = new()
    {
        HiddenSize = 256,
        IntermediateSize = 1024,
        Layers = 4,
        Heads = 8,
        KeyValueHeads = 4,
        VocabularySize = 4096,
        Vision = new VisionConfig { HiddenSize = 8, IntermediateSize = 8, Layers = 1, Heads = 1, ImageSize = 8, PatchSize = 4 },
    };

    private readonly LlavaQwenForCausalLM _model;
    private readonly Parameter[] _parameters;
    private readonly AdamW _optimizer;
    private readonly Tensor _mask;
    private readonly Tensor _positions;
    private readonly (int Batch, int Length) _size;

    public TrainingStep(LlavaQwenForCausalLM model, int batch, int length)
    {
        (_model, _size) = (model, (batch, length));
        _parameters = [.. model.named_parameters().Where(entry => IsDecoder(entry.name)).Select(entry => entry.parameter)];
        _optimizer = optim.AdamW(_parameters, lr: 1e-3, weight_decay: 0.01);
        _mask = full(new long[] { length, length }, float.NegativeInfinity).triu(1).expand(new long[] { batch, 1, length, length });
        _positions = arange(length, dtype: ScalarType.Int64).unsqueeze(0);
    }

    /// <summary>The loss before the step's change.</summary>
    public float Run(int number)
    {
        using var scope = NewDisposeScope();
        long vocabulary = _model.Config.VocabularySize;
        Tensor rows = Tokens(number);
        _optimizer.zero_grad();
        Tensor loss = Loss(rows.narrow(1, 0, _size.Length), rows.narrow(1, 1, _size.Length).reshape(new long[] { -1 }), vocabulary);
        loss.backward();
        nn.utils.clip_grad_norm_(_parameters, 1);
        _optimizer.step();
        return loss.item<float>();
    }

    public void Dispose()
    {
        _optimizer.Dispose();
        _mask.Dispose();
        _positions.Dispose();
        _model.Dispose();
    }

    /// <summary>ids [B, T] and the tokens behind them [B · T] → their mean cross entropy.</summary>
    private Tensor Loss(Tensor ids, Tensor targets, long vocabulary)
    {
        using var scope = NewDisposeScope();
        Tensor logits = _model.Logits(_model.forward(_model.Embed(ids), _positions, _mask));
        return nn.functional.cross_entropy(logits.reshape(new long[] { -1, vocabulary }), targets).MoveToOuterDisposeScope();
    }

    /// <summary>Numbers that look random and are the same in every language. [B, T + 1]</summary>
    private Tensor Tokens(int step)
    {
        int count = _size.Batch * (_size.Length + 1);
        long[] ids = [.. Enumerable.Range(0, count).Select(i => Token((long)step * count + i, _model.Config.VocabularySize))];
        return tensor(ids).reshape(new long[] { _size.Batch, _size.Length + 1 });
    }

    private static long Token(long place, int vocabulary) => (place * place * 31 + place * 7919) % 104729 % vocabulary;

    private static bool IsDecoder(string name) => name.StartsWith("model.layers.", StringComparison.Ordinal)
        || name is "model.embed_tokens.weight" or "model.norm.weight" or "lm_head.weight";
}
