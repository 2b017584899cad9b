using Tpo.GpuJob.Synthetic;
using static Tpo.GpuJob.Sft.Parts;
using static Tpo.GpuJob.Synthetic.QuestionKind;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// From two kinds of questions to all, a few at a time. Half of what is asked is of the new kinds, the other half of all so far: what does not go on is
/// forgotten. Mostly of each, which is how looking up is learned. Three steps of ten are in words alone, where they cost a third of the time.
/// </summary>
public static class Widening
{
    private const double WordsAlone = 0.3;

    private static readonly (int Steps, QuestionKind[] New)[] Stages =
    [
        (600, [.. PlaceAndDots, Word, Colour]),
        (600, [ShownWith, First, Last, List]),
        (700, [After, Before, Colour]),
        (800, [When, Word, After, Before]),
        (int.MaxValue, [After, Before, Word]),
    ];

    public static IReadOnlyList<StepPart> Plan(int step, WorldRandom random)
    {
        QuestionKind[] all = [];
        foreach (var (steps, added) in Stages)
        {
            all = [.. all.Union(added)];
            if (step < steps)
                return [.. Halves(random).Select(part => part with
                {
                    Kinds = part.View is SampleView.Frame or SampleView.Echo ? null : all.Length == added.Length || random.Chance(0.5) ? added : all,
                    Cued = part.Said && all.Length > added.Length,
                })];
            step -= steps;
        }
        throw new InvalidOperationException("The last stage has no end.");
    }

    private static IReadOnlyList<StepPart> Halves(WorldRandom random) => random.Chance(WordsAlone)
        ?
        [
            random.Chance(0.6) ? EachInWords(false) : OpenInWords,
            random.Chance(0.2) ? Echo : InWords with { Said = true },
        ]
        :
        [
            random.Unit() switch
            {
                < 0.2 => Frame(),
                < 0.75 => EachInPictures(false),
                _ => Short(ShortFrames, false),
            },
            random.Unit() switch
            {
                < 0.05 => Echo,
                < 0.35 => EachInPictures(false),
                _ => Short(ShortFrames, true),
            },
        ];
}
