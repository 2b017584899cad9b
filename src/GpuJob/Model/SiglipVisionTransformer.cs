using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// SigLIP as LLaVA-Video uses it: the output of the last layer that config keeps (of 27 published ones the checkpoints keep 26).
/// The final norm is in the checkpoints and never applied. [F, 3, S, S] → [F, P, v]
/// </summary>
public sealed class SiglipVisionTransformer : nn.Module<Tensor, Tensor>
{
    private readonly SiglipEmbeddings embeddings;
    private readonly VisionLayers encoder;
    private readonly LayerNorm post_layernorm;

    public SiglipVisionTransformer(VisionConfig config) : base(nameof(SiglipVisionTransformer))
    {
        embeddings = new SiglipEmbeddings(config);
        encoder = new VisionLayers(config, run: config.Layers, x => nn.functional.gelu(x, GELU.Approximate.tanh));
        post_layernorm = nn.LayerNorm(new long[] { config.HiddenSize }, config.LayerNormEpsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        return encoder.forward(embeddings.forward(pixels)).MoveToOuterDisposeScope();
    }
}

/// <summary>A learned vector a patch position is added to each patch; pixels that fill no whole patch are left out. [F, 3, S, S] → [F, P, v]</summary>
public sealed class SiglipEmbeddings : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d patch_embedding;
    private readonly Embedding position_embedding;

    public SiglipEmbeddings(VisionConfig config) : base(nameof(SiglipEmbeddings))
    {
        patch_embedding = nn.Conv2d(3, config.HiddenSize, (long)config.PatchSize, (long)config.PatchSize);
        position_embedding = nn.Embedding(config.Patches, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        Tensor patches = patch_embedding.forward(pixels).flatten(2).transpose(1, 2);
        return (patches + position_embedding.weight!).MoveToOuterDisposeScope();
    }
}
