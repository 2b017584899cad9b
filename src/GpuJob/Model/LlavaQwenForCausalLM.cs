using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// The video language model: SigLIP or CLIP tower, mlp2x_gelu projector, 2×2 pooling, newline tokens, Qwen2 decoder, head (own or tied).
/// state_dict keys equal the published checkpoints' names. Load weights with <see cref="Checkpoint"/>.
/// </summary>
public sealed class LlavaQwenForCausalLM : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    private readonly LlavaQwenModel model;
    private readonly Linear? lm_head;

    public LlavaQwenForCausalLM(CheckpointConfig config) : base(nameof(LlavaQwenForCausalLM))
    {
        Config = config;
        model = new LlavaQwenModel(config);
        if (!config.TieWordEmbeddings)
            lm_head = nn.Linear(config.HiddenSize, config.VocabularySize, hasBias: false);
        RegisterComponents();
    }

    public CheckpointConfig Config { get; }
    public Device Device => model.embed_tokens.weight!.device;
    public ScalarType Type => model.embed_tokens.weight!.dtype;

    /// <summary>Places all weights on a device. Optimisers are made after this.</summary>
    public void MoveTo(Device device) => this.to(device);

    /// <summary>The frozen part of a video: pixels [F, 3, S, S], normalised as the tower's preprocessing says → [F, P, v].</summary>
    public Tensor EncodeFrames(Tensor pixels) => model.vision_tower.forward(pixels);

    /// <summary>Tower output [F, P, v] → the video's rows in the decoder's input [V, d]; gradients reach the projector.</summary>
    public Tensor ProjectFrames(Tensor patches) => ProjectFrames(patches, Config);

    /// <summary>The same in the layout of another config: its pooling and its newlines.</summary>
    public Tensor ProjectFrames(Tensor patches, CheckpointConfig layout)
    {
        using var scope = NewDisposeScope();
        Tensor pooled = VideoTokens.Pool(model.mm_projector.forward(patches), layout);
        return VideoTokens.Join(pooled, model.image_newline, layout).MoveToOuterDisposeScope();
    }

    /// <summary>pixels [F, 3, S, S] → [V, d]</summary>
    public Tensor EncodeVideo(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return ProjectFrames(EncodeFrames(pixels)).MoveToOuterDisposeScope();
    }

    /// <summary>The projector alone. [F, P, v] → [F, P, d]</summary>
    public Tensor Project(Tensor patches) => model.mm_projector.forward(patches);

    /// <summary>Text tokens [..] (Int64) → [.., d]</summary>
    public Tensor Embed(Tensor ids) => model.embed_tokens.forward(ids);

    /// <summary>
    /// The decoder: inputs_embeds [B, T, d], position_ids [B, T] (Int64), attention_mask [B, 1, T, T] (added: 0 or −∞)
    /// → hidden states after the final norm [B, T, d].
    /// </summary>
    public override Tensor forward(Tensor inputs_embeds, Tensor position_ids, Tensor attention_mask) =>
        model.forward(inputs_embeds, position_ids, attention_mask);

    /// <summary>The same for rows that lie as the layout says, without a mask over all of them.</summary>
    public Tensor ForwardBranches(Tensor inputs_embeds, Tensor position_ids, BranchLayout layout) =>
        model.Decode(inputs_embeds, position_ids, layout.Attend, null);

    /// <summary>The same for one branched row [1, T, d] → [1, T − plan.From, d]: in the last layer nothing else is computed.</summary>
    public Tensor ForwardRow(Tensor inputs_embeds, RowPlan plan) => model.DecodeRow(inputs_embeds, plan);

    /// <summary>The decoder's parts, for who goes through them by hand.</summary>
    internal LlavaQwenModel Decoder => model;

    /// <summary>The same, with the states on the way, [B, T, d] each: 0 = inputs_embeds, i = after layer i, the last = after the final norm.</summary>
    public IReadOnlyList<Tensor> HiddenStates(Tensor inputs_embeds, Tensor position_ids, Tensor attention_mask)
    {
        var states = new List<Tensor> { inputs_embeds.alias() };
        Tensor last = model.Decode(inputs_embeds, position_ids, LlavaQwenModel.Masked(attention_mask), states.Add);
        states[^1] = last;
        return states;
    }

    /// <summary>The vocabulary projection of chosen rows only: [.., d] → [.., vocabulary].</summary>
    public Tensor Logits(Tensor rows) => nn.functional.linear(rows, Head);

    /// <summary>log π of one token a row, without all rows' logits at once: rows [N, d], tokens [N] → [N], in f32 at least.</summary>
    public Tensor TokenLogProbs(Tensor rows, Tensor tokens) => rows.shape[0] > ChunkedLogProbs.Rows
        ? ChunkedLogProbs.apply(rows, Head, tokens)
        : ChunkedLogProbs.LogProbs(Logits(rows), tokens);

    private Tensor Head => lm_head?.weight ?? model.embed_tokens.weight!;

    /// <summary>Stops gradients at the vision tower, as every recipe of the method does.</summary>
    public void FreezeVisionTower()
    {
        foreach (Parameter parameter in model.vision_tower.parameters())
            parameter.requires_grad = false;
    }

    /// <summary>Lets gradients reach the projector where an adapter froze everything.</summary>
    public void UnfreezeProjector()
    {
        foreach (Parameter parameter in model.mm_projector.parameters())
            parameter.requires_grad = true;
    }

    /// <summary>The parameters that training changes, in a fixed (ordinal) order.</summary>
    public IReadOnlyList<(string Name, Parameter Parameter)> TrainableParameters() =>
        [.. named_parameters().Where(entry => entry.parameter.requires_grad).OrderBy(entry => entry.name, StringComparer.Ordinal)];
}

/// <summary>Everything under the checkpoint's `model.` prefix.</summary>
public sealed class LlavaQwenModel : nn.Module<Tensor, Tensor, Tensor, Tensor>
{
    internal readonly Embedding embed_tokens;
    private readonly ModuleList<QwenDecoderLayer> layers;
    private readonly RmsNorm norm;
    internal readonly VisionTower vision_tower;
    internal readonly Sequential mm_projector;
    internal readonly Parameter? image_newline;
    private readonly int _headSize;
    private readonly double _theta;

    public LlavaQwenModel(CheckpointConfig config) : base(nameof(LlavaQwenModel))
    {
        if (config.ProjectorType != "mlp2x_gelu")
            throw new NotSupportedException($"mm_projector_type '{config.ProjectorType}' is unknown; supported: mlp2x_gelu.");
        (_headSize, _theta) = (config.HeadSize, config.RopeTheta);
        embed_tokens = nn.Embedding(config.VocabularySize, config.HiddenSize);
        QwenDecoderLayer[] stack = [.. Enumerable.Range(0, config.Layers).Select(_ => new QwenDecoderLayer(config))];
        layers = nn.ModuleList<QwenDecoderLayer>(stack);
        norm = new RmsNorm(config.HiddenSize, config.RmsNormEpsilon);
        vision_tower = new VisionTower(config.Vision);
        mm_projector = nn.Sequential(
            nn.Linear(config.Vision.HiddenSize, config.HiddenSize), nn.GELU(), nn.Linear(config.HiddenSize, config.HiddenSize));
        if (config.HasNewline)
            image_newline = nn.Parameter(zeros(new long[] { config.HiddenSize }));
        RegisterComponents();
    }

    public override Tensor forward(Tensor inputs_embeds, Tensor position_ids, Tensor attention_mask) =>
        Decode(inputs_embeds, position_ids, Masked(attention_mask), null);

    /// <summary>Attention over all rows, with a mask [B, 1, T, T] added to the scores: 0 = may be seen, −∞ = may not.</summary>
    internal static Func<Tensor, Tensor, Tensor, Tensor> Masked(Tensor mask) =>
        (query, key, value) => nn.functional.scaled_dot_product_attention(
            query, QwenAttention.RepeatHeads(key, query.shape[1]), QwenAttention.RepeatHeads(value, query.shape[1]), mask);

    /// <summary>`seen`, where given, is told the state behind each layer; it lives on in the caller's scope.</summary>
    internal Tensor Decode(Tensor inputs_embeds, Tensor position_ids, Func<Tensor, Tensor, Tensor, Tensor> attend, Action<Tensor>? seen)
    {
        using var scope = NewDisposeScope();
        (Tensor cos, Tensor sin) = Rotary.Tables(position_ids, _headSize, _theta, inputs_embeds.dtype);
        var context = new AttentionContext(cos, sin, attend);
        Tensor hidden = inputs_embeds;
        foreach (QwenDecoderLayer layer in layers)
        {
            hidden = layer.forward(hidden, context);
            seen?.Invoke(hidden.alias().MoveToOuterDisposeScope());
        }
        return norm.forward(hidden).MoveToOuterDisposeScope();
    }

    internal Tensor DecodeRow(Tensor inputs_embeds, RowPlan plan)
    {
        using var scope = NewDisposeScope();
        RowContexts contexts = Contexts(plan, inputs_embeds.dtype);
        Tensor hidden = inputs_embeds;
        for (var index = 0; index < layers.Count; index++)
            hidden = Layer(index, hidden, contexts);
        return Norm(hidden).MoveToOuterDisposeScope();
    }

    /// <summary>What the layers share on one branched row; the last one is asked for fewer rows.</summary>
    internal sealed record RowContexts(AttentionContext All, AttentionContext Last);

    internal RowContexts Contexts(RowPlan plan, ScalarType type)
    {
        (Tensor cos, Tensor sin) = Rotary.Tables(plan.Positions, _headSize, _theta, type);
        AttentionContext Of(Tensor blocks, int from) => new(cos, sin, (query, key, value) => BranchAttention.apply(query, key, value, blocks), Thrifty: true, from);
        return new RowContexts(Of(plan.Blocks, 0), Of(plan.LastBlocks, plan.From));
    }

    internal Tensor Layer(int index, Tensor hidden, RowContexts contexts) =>
        layers[index].forward(hidden, index < layers.Count - 1 ? contexts.All : contexts.Last);

    internal Tensor Norm(Tensor hidden) => norm.ForwardThriftily(hidden);
}
