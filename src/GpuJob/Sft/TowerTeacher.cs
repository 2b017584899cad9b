using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences.Local;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// Teaches the vision tower before there are words: every patch tells whether the shape covers it, and those that it covers tell
/// which colour and which shape. The linear head that asks is thrown away afterwards.
/// </summary>
public sealed class TowerTeacher
{
    /// <summary>A patch counts as covered up to this far, in sides, beyond the radius.</summary>
    private const double Rim = 0.03;
    private static readonly int Colours = SceneLanguage.Colours.Count, Shapes = SceneLanguage.Shapes.Count;
    private readonly VisionConfig _vision;
    private readonly Linear _head;

    public TowerTeacher(VisionConfig vision)
    {
        _vision = vision;
        _head = nn.Linear(vision.HiddenSize, 2 + Colours + Shapes);
        using var frozen = no_grad();
        _head.weight!.zero_();
        _head.bias!.zero_();
    }

    public IEnumerable<(string Name, Parameter Parameter)> Parameters => [("tower_head.weight", _head.weight!), ("tower_head.bias", _head.bias!)];

    /// <summary>Sum of three mean cross-entropies: covered or not over all patches, colour and shape over the covered ones.</summary>
    public Tensor Loss(LlavaQwenForCausalLM model, IReadOnlyList<SftSample> samples)
    {
        using var scope = NewDisposeScope();
        Tensor patches = model.EncodeFrames(FramePixels.Of(samples, _vision.ImageSize).to(model.Device));
        Tensor seen = nn.functional.layer_norm(patches, new long[] { _vision.HiddenSize });
        Tensor answers = _head.forward(seen).reshape(new long[] { -1, 2 + Colours + Shapes });
        var (covered, rows, colours, shapes) = Truth(samples);
        Tensor inside = answers.index_select(0, tensor(rows).to(model.Device));
        Tensor loss = nn.functional.cross_entropy(answers.narrow(1, 0, 2), tensor(covered).to(model.Device))
            + nn.functional.cross_entropy(inside.narrow(1, 2, Colours), tensor(colours).to(model.Device))
            + nn.functional.cross_entropy(inside.narrow(1, 2 + Colours, Shapes), tensor(shapes).to(model.Device));
        return loss.MoveToOuterDisposeScope();
    }

    /// <summary>For all patches 0 or 1, and of the covered ones: their rows, colours and shapes.</summary>
    private (long[] Covered, long[] Rows, long[] Colours, long[] Shapes) Truth(IReadOnlyList<SftSample> samples)
    {
        var perSide = _vision.ImageSize / _vision.PatchSize;
        var covered = new long[samples.Count * perSide * perSide];
        List<long> rows = [], colours = [], shapes = [];
        for (var row = 0; row < covered.Length; row++)
        {
            var (sample, patch) = Math.DivRem(row, perSide * perSide);
            var spot = samples[sample].Spot ?? throw new ArgumentException("The tower is taught by samples that say where their shape is.", nameof(samples));
            double dx = (patch % perSide + 0.5) / perSide - spot.X, dy = (patch / perSide + 0.5) / perSide - spot.Y;
            if (Math.Sqrt(dx * dx + dy * dy) >= spot.Radius + Rim)
                continue;
            covered[row] = 1;
            rows.Add(row);
            colours.Add(SceneLanguage.Colours.ToList().IndexOf(spot.Fact.Colour));
            shapes.Add(SceneLanguage.Shapes.ToList().IndexOf(spot.Fact.Shape));
        }
        return (covered, [.. rows], [.. colours], [.. shapes]);
    }
}
