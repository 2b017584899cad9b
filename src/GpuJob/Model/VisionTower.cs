using Tpo.Shared.Models;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Model;

/// <summary>
/// The vision tower as checkpoints nest it: `vision_tower.vision_model`. pixels [F, 3, S, S] → patches [F, P, v]: the features that the
/// published models feed their projector. Which tower it is, SigLIP or CLIP, is vision_config.model_type's to say.
/// </summary>
public sealed class VisionTower : nn.Module<Tensor, Tensor>
{
    private readonly VisionModel vision_tower;

    public VisionTower(VisionConfig config) : base(nameof(VisionTower))
    {
        vision_tower = new VisionModel(config);
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels) => vision_tower.forward(pixels);
}

/// <summary>The level of nesting that holds `vision_model`.</summary>
public sealed class VisionModel : nn.Module<Tensor, Tensor>
{
    private readonly nn.Module<Tensor, Tensor> vision_model;

    public VisionModel(VisionConfig config) : base(nameof(VisionModel))
    {
        vision_model = config.ModelType switch
        {
            VisionConfig.Siglip => new SiglipVisionTransformer(config),
            VisionConfig.Clip => new ClipVisionTransformer(config),
            var other => throw new NotSupportedException(
                $"vision_config.model_type '{other}' is unknown; supported: {VisionConfig.Siglip}, {VisionConfig.Clip}."),
        };
        RegisterComponents();
    }

    public override Tensor forward(Tensor pixels) => vision_model.forward(pixels);
}
