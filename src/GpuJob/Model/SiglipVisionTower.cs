using Tpo.Shared.Models;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// The vision tower as checkpoints nest it: `vision_tower.vision_model`. pixels [F, 3, S, S] → patches [F, P, v]: the output of the
/// last kept layer. The final norm is in the checkpoints and never applied, as in the published model.
/// </summary>
public sealed class VisionTower : nn.Module<Tensor, Tensor>
{
    private readonly SiglipModel vision_tower;

    public VisionTower(VisionConfig config) : base(nameof(VisionTower))
    {
        vision_tower = new SiglipModel(config);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels) => vision_tower.forward(pixels);
}

/// <summary>The level of nesting that holds `vision_model`.</summary>
public sealed class SiglipModel : nn.Module<Tensor, Tensor>
{
    private readonly SiglipVisionTransformer vision_model;

    public SiglipModel(VisionConfig config) : base(nameof(SiglipModel))
    {
        if (config.ModelType != "siglip_vision_model")
            throw new NotSupportedException($"vision_config.model_type '{config.ModelType}' cannot be trained here; supported: siglip_vision_model.");
        vision_model = new SiglipVisionTransformer(config);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels) => vision_model.forward(pixels);
}

/// <summary>Patch and position embeddings, then the kept encoder layers. [F, 3, S, S] → [F, P, v]</summary>
public sealed class SiglipVisionTransformer : nn.Module<Tensor, Tensor>
{
    private readonly SiglipEmbeddings embeddings;
    private readonly SiglipEncoder encoder;
    private readonly LayerNorm post_layernorm;

    public SiglipVisionTransformer(VisionConfig config) : base(nameof(SiglipVisionTransformer))
    {
        embeddings = new SiglipEmbeddings(config);
        encoder = new SiglipEncoder(config);
        post_layernorm = nn.LayerNorm(new long[] { config.HiddenSize }, config.LayerNormEpsilon);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels) => encoder.forward(embeddings.forward(pixels));
}

/// <summary>A learned vector a patch position is added to each patch; pixels that fill no whole patch are left out.</summary>
public sealed class SiglipEmbeddings : nn.Module<Tensor, Tensor>
{
    private readonly Conv2d patch_embedding;
    private readonly Embedding position_embedding;

    public SiglipEmbeddings(VisionConfig config) : base(nameof(SiglipEmbeddings))
    {
        long perSide = config.ImageSize / config.PatchSize;
        patch_embedding = nn.Conv2d(3, config.HiddenSize, (long)config.PatchSize, (long)config.PatchSize);
        position_embedding = nn.Embedding(perSide * perSide, config.HiddenSize);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels)
    {
        using var scope = NewDisposeScope();
        Tensor patches = patch_embedding.forward(pixels);
        Tensor rows = patches.reshape(new long[] { patches.shape[0], patches.shape[1], -1 }).transpose(1, 2);
        return (rows + position_embedding.weight!).MoveToOuterDisposeScope();
    }
}

/// <summary>The stack of layers. [F, P, v] → [F, P, v]</summary>
public sealed class SiglipEncoder : nn.Module<Tensor, Tensor>
{
    private readonly ModuleList<SiglipLayer> layers;

    public SiglipEncoder(VisionConfig config) : base(nameof(SiglipEncoder))
    {
        SiglipLayer[] stack = [.. Enumerable.Range(0, config.Layers).Select(_ => new SiglipLayer(config))];
        layers = nn.ModuleList<SiglipLayer>(stack);
        RegisterComponents();
    }

    public override Tensor forward(Tensor patches)
    {
        using var scope = NewDisposeScope();
        foreach (SiglipLayer layer in layers)
            patches = layer.forward(patches);
        return patches.MoveToOuterDisposeScope();
    }
}
