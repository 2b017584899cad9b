using Tpo.GpuJob.Model;
using Tpo.GpuJob.Synthetic;
using Tpo.Shared.Models;
using Tpo.Shared.Preferences.Local;
using TorchSharp;
using TorchSharp.Modules;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// Teaches the vision tower before there are words: every patch tells its row and column, whether the shape covers it and which sign stands in it;
/// and every patch tells what the whole frame shows (colour, shape, place, word, dots, the clock's digits), so that whoever reads the tower
/// finds it anywhere. The linear head that asks is thrown away afterwards.
/// </summary>
public sealed class TowerTeacher
{
    /// <summary>A patch counts as covered up to this far, in sides, beyond the radius.</summary>
    private const double Rim = 0.02;
    private static readonly int[] Sizes =
    [
        Glyphs.CellsPerSide, Glyphs.CellsPerSide, 2, Glyphs.Signs.Count, SceneLanguage.Colours.Count, SceneLanguage.Shapes.Count,
        SceneLanguage.Places.Count, SceneLanguage.Words.Count, SceneLanguage.Numbers.Count, 10, 10, 10, 10,
    ];
    private static readonly List<char> Signs = [.. Glyphs.Signs];
    private readonly long _width;
    private readonly int _perSide;
    private readonly Linear _head;

    public TowerTeacher(VisionConfig vision)
    {
        (_width, _perSide) = (vision.HiddenSize, vision.ImageSize / vision.PatchSize);
        if (_perSide != Glyphs.CellsPerSide)
            throw new ArgumentException($"The world writes {Glyphs.CellsPerSide} signs a row, the tower has {_perSide} patches a row; they must be equal.", nameof(vision));
        _head = nn.Linear(vision.HiddenSize, Sizes.Sum());
        using var frozen = no_grad();
        _head.weight!.zero_();
        _head.bias!.zero_();
    }

    public IEnumerable<(string Name, Parameter Parameter)> Parameters => [("tower_head.weight", _head.weight!), ("tower_head.bias", _head.bias!)];

    /// <summary>Sum of the mean cross-entropies of all that is asked, each over the patches that know it.</summary>
    /// <param name="patches">the tower's output for all frames of the samples, in order [B · F, P, v]</param>
    public Tensor Loss(Tensor patches, IReadOnlyList<SftSample> samples)
    {
        using var scope = NewDisposeScope();
        Tensor seen = nn.functional.layer_norm(patches, new long[] { _width });
        Tensor answers = _head.forward(seen).reshape(new long[] { -1, Sizes.Sum() });
        var truths = Patches(samples).ToList();
        Tensor loss = zeros(new long[] { }, device: patches.device);
        for (int question = 0, first = 0; question < Sizes.Length; first += Sizes[question++])
        {
            var known = truths.Where(patch => patch.Answers[question] is not null).ToList();
            loss = loss + CrossEntropy(answers.narrow(1, first, Sizes[question]), known.Select(patch => patch.Row), known.Select(patch => (long)patch.Answers[question]!));
        }
        return loss.MoveToOuterDisposeScope();
    }

    private static Tensor CrossEntropy(Tensor answers, IEnumerable<long> rows, IEnumerable<long> classes) =>
        nn.functional.cross_entropy(answers.index_select(0, tensor(rows.ToArray()).to(answers.device)), tensor(classes.ToArray()).to(answers.device));

    /// <summary>Every patch with its answer to each question; null where it is not asked.</summary>
    private IEnumerable<(long Row, int?[] Answers)> Patches(IReadOnlyList<SftSample> samples)
    {
        FrameTruth[] truths = [.. samples.SelectMany(sample => sample.Truths)];
        for (var row = 0; row < truths.Length * _perSide * _perSide; row++)
        {
            var (frame, patch) = Math.DivRem(row, _perSide * _perSide);
            var (y, x) = Math.DivRem(patch, _perSide);
            var truth = truths[frame];
            double dx = (x + 0.5) / _perSide - truth.X, dy = (y + 0.5) / _perSide - truth.Y;
            var covered = Math.Sqrt(dx * dx + dy * dy) < truth.Radius + Rim;
            int? sign = y == 0 ? x : y == _perSide - 1 ? _perSide + x : null;
            yield return (row, [y, x, covered ? 1 : 0, sign is { } cell ? Signs.IndexOf(truth.Cells[cell]) : null, .. truth.Answers]);
        }
    }
}
