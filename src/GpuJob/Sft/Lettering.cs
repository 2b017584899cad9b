using Tpo.GpuJob.Synthetic;
using static Tpo.GpuJob.Sft.Parts;

namespace Tpo.GpuJob.Sft;

/// <summary>From what is found to its letter, of two kinds of questions: in words first, then in short videos.</summary>
internal static class Lettering
{
    public static IReadOnlyList<StepPart> StepsInWords(int step, WorldRandom random) => step switch
    {
        < 500 => Joined(lists: false, random),
        < 1300 => Joined(lists: true, random),
        < 1900 => OneAtATime(random),
        _ => TwoKinds(random),
    };

    public static IReadOnlyList<StepPart> StepsInPictures(int step, WorldRandom random) => step < 400 ? Letters(random) : TwoKindsInPictures(random);

    /// <summary>
    /// Mostly in words again, where a step costs less: things that differ in their colour alone, and the letters of what is found. Frames and pictures
    /// go on beside, so that they are not lost. Lists of options come back: without them their letters are forgotten.
    /// </summary>
    private static IReadOnlyList<StepPart> Joined(bool lists, WorldRandom random) =>
    [
        random.Unit() switch
        {
            < 0.12 => Frame(),
            < 0.27 => EachInPictures(false, easy: true),
            < 0.4 => EachInWords(false),
            _ => EachInWords(false, easy: true),
        },
        (lists, random.Unit()) switch
        {
            (true, < 0.15) => OneWordLetters,
            (true, < 0.4) => Echo,
            (_, < 0.55) => EachInWords(true, easy: true),
            (_, < 0.75) => EachInWords(true),
            _ => InWords,
        },
    ];

    /// <summary>One question at a time, from stories of one scene on, where the letter needs no look-up: letters of each do not teach it.</summary>
    private static IReadOnlyList<StepPart> OneAtATime(WorldRandom random) =>
    [
        random.Unit() switch
        {
            < 0.12 => Frame(),
            < 0.3 => EachInPictures(false, easy: true),
            < 0.4 => EachInWords(false, easy: true),
            < 0.75 => InWords with { Easy = true },
            _ => InWords,
        },
        random.Unit() switch
        {
            < 0.12 => Echo,
            < 0.32 => InWords with { Told = true },
            < 0.7 => InWords with { Easy = true },
            _ => InWords,
        },
    ];

    /// <summary>
    /// What a question's one cue means, found before its letter: the text is said first. Of two kinds, as with each.
    /// </summary>
    private static IReadOnlyList<StepPart> TwoKinds(WorldRandom random)
    {
        var words = InWords with { Samples = 6, Kinds = PlaceAndDots };
        return
        [
            random.Unit() switch
            {
                < 0.12 => Frame(),
                < 0.25 => EachInPictures(false, easy: true),
                < 0.35 => EachInWords(false, easy: true),
                _ => words with { Told = true },
            },
            random.Unit() switch
            {
                < 0.1 => Echo,
                < 0.3 => words,
                < 0.45 => words with { Easy = true },
                _ => words with { Told = true },
            },
        ];
    }

    /// <summary>Options in the benchmarks' forms, in words and in short videos; open questions one at a time.</summary>
    private static IReadOnlyList<StepPart> Letters(WorldRandom random) =>
    [
        random.Unit() switch
        {
            < 0.15 => Frame(),
            < 0.45 => EachInPictures(false),
            < 0.65 => InWords with { Said = true },
            < 0.75 => OpenInWords,
            _ => Short(ShortFrames, false),
        },
        random.Unit() switch
        {
            < 0.1 => Echo,
            < 0.5 => InWords with { Said = true },
            _ => Short(ShortFrames, true),
        },
    ];

    /// <summary>The same with two kinds alone, which are there after 300 steps where all together are not.</summary>
    private static IReadOnlyList<StepPart> TwoKindsInPictures(WorldRandom random) =>
    [
        random.Unit() switch
        {
            < 0.15 => Frame(),
            < 0.35 => EachInPictures(false, easy: true),
            _ => Short(ShortFrames, false) with { Kinds = PlaceAndDots },
        },
        random.Unit() switch
        {
            < 0.08 => Echo,
            < 0.3 => InWords with { Said = true },
            _ => Short(ShortFrames, true) with { Kinds = PlaceAndDots },
        },
    ];
}
