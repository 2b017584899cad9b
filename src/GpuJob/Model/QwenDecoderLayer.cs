using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// x + attention(norm(x)), then x + mlp(norm(x)). [B, T, d] → [B, R, d], of the rows that are asked for. Field names are the checkpoint's keys.
/// </summary>
public sealed class QwenDecoderLayer : nn.Module<Tensor, AttentionContext, Tensor>
{
    private readonly RmsNorm input_layernorm;
    private readonly QwenAttention self_attn;
    private readonly RmsNorm post_attention_layernorm;
    private readonly QwenMlp mlp;

    public QwenDecoderLayer(CheckpointConfig config) : base(nameof(QwenDecoderLayer))
    {
        input_layernorm = new RmsNorm(config.HiddenSize, config.RmsNormEpsilon);
        self_attn = new QwenAttention(config);
        post_attention_layernorm = new RmsNorm(config.HiddenSize, config.RmsNormEpsilon);
        mlp = new QwenMlp(config);
        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        Tensor Normed(RmsNorm norm, Tensor state) => context.Thrifty ? norm.ForwardThriftily(state) : norm.forward(state);
        Tensor attended = context.Asked(hidden, dim: 1) + self_attn.forward(Normed(input_layernorm, hidden), context);
        Tensor normed = Normed(post_attention_layernorm, attended);
        return (attended + (context.Thrifty ? mlp.ForwardThriftily(normed) : mlp.forward(normed))).MoveToOuterDisposeScope();
    }
}

/// <summary>Grouped-query attention: H query heads share K key and value heads; q, k and v have biases, the output has none.</summary>
public sealed class QwenAttention : nn.Module<Tensor, AttentionContext, Tensor>
{
    private readonly LoraLinear q_proj;
    private readonly LoraLinear k_proj;
    private readonly LoraLinear v_proj;
    private readonly LoraLinear o_proj;
    private readonly long _heads;
    private readonly long _keyValueHeads;
    private readonly long _headSize;

    public QwenAttention(CheckpointConfig config) : base(nameof(QwenAttention))
    {
        (_heads, _keyValueHeads, _headSize) = (config.Heads, config.KeyValueHeads, config.HeadSize);
        q_proj = new LoraLinear(config.HiddenSize, _heads * _headSize, hasBias: true);
        k_proj = new LoraLinear(config.HiddenSize, _keyValueHeads * _headSize, hasBias: true);
        v_proj = new LoraLinear(config.HiddenSize, _keyValueHeads * _headSize, hasBias: true);
        o_proj = new LoraLinear(_heads * _headSize, config.HiddenSize, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden, AttentionContext context)
    {
        using var scope = NewDisposeScope();
        Tensor asked = context.Asked(hidden, dim: 1);
        Tensor Turned(Tensor x, Tensor cos, Tensor sin) => context.Thrifty ? ThriftyRotary.apply(x, cos, sin) : Rotary.Apply(x, cos, sin);
        Tensor query = Turned(SplitHeads(q_proj.forward(asked), _heads), context.Asked(context.Cos, dim: 2), context.Asked(context.Sin, dim: 2));
        Tensor key = Turned(SplitHeads(k_proj.forward(hidden), _keyValueHeads), context.Cos, context.Sin);
        Tensor value = SplitHeads(v_proj.forward(hidden), _keyValueHeads);
        Tensor mixed = context.Attend(query, key, value);
        Tensor joined = mixed.transpose(1, 2).reshape(new long[] { asked.shape[0], asked.shape[1], _heads * _headSize });
        return o_proj.forward(joined).MoveToOuterDisposeScope();
    }

    /// <summary>[B, T, n · h] → [B, n, T, h]</summary>
    private Tensor SplitHeads(Tensor x, long heads) =>
        x.reshape(new long[] { x.shape[0], x.shape[1], heads, _headSize }).transpose(1, 2);

    /// <summary>[B, K, T, h] → [B, H, T, h]; head i of the result is head i / (H / K).</summary>
    public static Tensor RepeatHeads(Tensor x, long heads)
    {
        (long batch, long own, long length, long size) = (x.shape[0], x.shape[1], x.shape[2], x.shape[3]);
        return own == heads ? x : x.unsqueeze(2).expand(new long[] { batch, own, heads / own, length, size }).reshape(new long[] { batch, heads, length, size });
    }
}

/// <summary>SwiGLU: down(silu(gate(x)) · up(x)). [B, T, d] → [B, T, d]</summary>
public sealed class QwenMlp : nn.Module<Tensor, Tensor>
{
    private readonly LoraLinear gate_proj;
    private readonly LoraLinear up_proj;
    private readonly LoraLinear down_proj;

    public QwenMlp(CheckpointConfig config) : base(nameof(QwenMlp))
    {
        gate_proj = new LoraLinear(config.HiddenSize, config.IntermediateSize, hasBias: false);
        up_proj = new LoraLinear(config.HiddenSize, config.IntermediateSize, hasBias: false);
        down_proj = new LoraLinear(config.IntermediateSize, config.HiddenSize, hasBias: false);
        RegisterComponents();
    }

    public override Tensor forward(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return down_proj.forward(nn.functional.silu(gate_proj.forward(hidden)) * up_proj.forward(hidden)).MoveToOuterDisposeScope();
    }

    /// <summary>The same without the two widest tensors kept for the way back.</summary>
    public Tensor ForwardThriftily(Tensor hidden)
    {
        using var scope = NewDisposeScope();
        return down_proj.ForwardGated(gate_proj.forward(hidden), up_proj.forward(hidden)).MoveToOuterDisposeScope();
    }
}
