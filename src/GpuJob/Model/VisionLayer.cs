using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>The level of nesting that holds `layers`: `run` of them are applied, the others are only loaded and saved. [F, P, v] → [F, P, v]</summary>
public sealed class VisionLayers : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<VisionLayer> layers;
    private readonly int _run;

    public VisionLayers(VisionConfig config, int run, Func<Tensor, Tensor> activation) : base(nameof(VisionLayers))
    {
        _run = run;
        VisionLayer[] stack = [.. Enumerable.Range(0, config.Layers).Select(_ => new VisionLayer(config, activation))];
        layers = nn.ModuleList<VisionLayer>(stack);
        RegisterComponents();
    }

    public override Tensor forward(Tensor patches)
    {
        using var scope = NewDisposeScope();
        Tensor state = patches.alias();
        foreach (VisionLayer layer in layers.Take(_run))
        {
            // A state that the way back does not need goes as soon as the next one is there.
            using Tensor former = state;
            state = layer.forward(former);
        }
        return state.MoveToOuterDisposeScope();
    }
}

/// <summary>Pre-norm transformer layer over the patches of each frame, as SigLIP and CLIP share it. [F, P, v] → [F, P, v]</summary>
public sealed class VisionLayer : nn.Module<Tensor, Tensor>
{
    private readonly LayerNorm layer_norm1;
    private readonly VisionAttention self_attn;
    private readonly LayerNorm layer_norm2;
    private readonly VisionMlp mlp;

    public VisionLayer(VisionConfig config, Func<Tensor, Tensor> activation) : base(nameof(VisionLayer))
    {
        layer_norm1 = nn.LayerNorm(new long[] { config.HiddenSize }, config.LayerNormEpsilon);
        self_attn = new VisionAttention(config);
        layer_norm2 = nn.LayerNorm(new long[] { config.HiddenSize }, config.LayerNormEpsilon);
        mlp = new VisionMlp(config, activation);
        RegisterComponents();
    }

    public override Tensor forward(Tensor patches)
    {
        using var scope = NewDisposeScope();
        Tensor attended = patches + self_attn.forward(layer_norm1.forward(patches));
        return (attended + mlp.forward(layer_norm2.forward(attended))).MoveToOuterDisposeScope();
    }
}

/// <summary>Full self-attention, every projection with a bias. [F, P, v] → [F, P, v]</summary>
public sealed class VisionAttention : nn.Module<Tensor, Tensor>
{
    private readonly Linear q_proj;
    private readonly Linear k_proj;
    private readonly Linear v_proj;
    private readonly Linear out_proj;
    private readonly long _heads;

    public VisionAttention(VisionConfig config) : base(nameof(VisionAttention))
    {
        _heads = config.Heads;
        q_proj = nn.Linear(config.HiddenSize, config.HiddenSize);
        k_proj = nn.Linear(config.HiddenSize, config.HiddenSize);
        v_proj = nn.Linear(config.HiddenSize, config.HiddenSize);
        out_proj = nn.Linear(config.HiddenSize, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor patches)
    {
        using var scope = NewDisposeScope();
        Tensor mixed = nn.functional.scaled_dot_product_attention(
            SplitHeads(q_proj.forward(patches)), SplitHeads(k_proj.forward(patches)), SplitHeads(v_proj.forward(patches)));
        return out_proj.forward(mixed.transpose(1, 2).reshape(patches.shape)).MoveToOuterDisposeScope();
    }

    /// <summary>[F, P, v] → [F, H, P, v / H]</summary>
    private Tensor SplitHeads(Tensor x) =>
        x.reshape(new long[] { x.shape[0], x.shape[1], _heads, x.shape[2] / _heads }).transpose(1, 2);
}

/// <summary>fc2(activation(fc1(x))). [F, P, v] → [F, P, v]</summary>
public sealed class VisionMlp : nn.Module<Tensor, Tensor>
{
    private readonly Linear fc1;
    private readonly Linear fc2;
    private readonly Func<Tensor, Tensor> _activation;

    public VisionMlp(VisionConfig config, Func<Tensor, Tensor> activation) : base(nameof(VisionMlp))
    {
        _activation = activation;
        fc1 = nn.Linear(config.HiddenSize, config.IntermediateSize);
        fc2 = nn.Linear(config.IntermediateSize, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor x)
    {
        using var scope = NewDisposeScope();
        return fc2.forward(_activation(fc1.forward(x))).MoveToOuterDisposeScope();
    }
}
