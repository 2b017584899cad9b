using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// CLIP as LongVA uses it: a norm before the first layer, the output of the last layer but one, without the class token's row. The last
/// layer and the final norm are in the checkpoints and never applied. [F, 3, S, S] → [F, P, v]
/// </summary>
public sealed class ClipVisionTransformer : nn.Module<Tensor, Tensor>
{
    private readonly ClipEmbeddings embeddings;
    private readonly LayerNorm pre_layrnorm;
    private readonly VisionLayers encoder;
    private readonly LayerNorm post_layernorm;
    private readonly long _patches;

    public ClipVisionTransformer(VisionConfig config) : base(nameof(ClipVisionTransformer))
    {
        _patches = config.Patches;
        embeddings = new ClipEmbeddings(config);
        pre_layrnorm = nn.LayerNorm(new long[] { config.HiddenSize }, config.LayerNormEpsilon);
        encoder = new VisionLayers(config, run: config.Layers - 1, QuickGelu);
        post_layernorm = nn.LayerNorm(new long[] { config.HiddenSize }, config.LayerNormEpsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        Tensor rows = encoder.forward(pre_layrnorm.forward(embeddings.forward(pixels)));
        return rows.narrow(1, 1, _patches).contiguous().MoveToOuterDisposeScope();
    }

    /// <summary>x · σ(1.702 x)</summary>
    private static Tensor QuickGelu(Tensor x)
    {
        using var scope = NewDisposeScope();
        return (x * (x * 1.702).sigmoid()).MoveToOuterDisposeScope();
    }
}

/// <summary>
/// The class token in front of the patches, and a learned vector a position; pixels that fill no whole patch are left out.
/// [F, 3, S, S] → [F, 1 + P, v]
/// </summary>
public sealed class ClipEmbeddings : nn.Module<Tensor, Tensor>
{
    private readonly Parameter class_embedding;
    private readonly Conv2d patch_embedding;
    private readonly Embedding position_embedding;

    public ClipEmbeddings(VisionConfig config) : base(nameof(ClipEmbeddings))
    {
        class_embedding = nn.Parameter(zeros(new long[] { config.HiddenSize }));
        patch_embedding = nn.Conv2d(3, config.HiddenSize, (long)config.PatchSize, (long)config.PatchSize, bias: false);
        position_embedding = nn.Embedding(1 + config.Patches, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        Tensor patches = patch_embedding.forward(pixels).flatten(2).transpose(1, 2);
        Tensor first = class_embedding.expand(new long[] { patches.shape[0], 1, patches.shape[2] });
        return (cat(new Tensor[] { first, patches }, 1) + position_embedding.weight!).MoveToOuterDisposeScope();
    }
}
