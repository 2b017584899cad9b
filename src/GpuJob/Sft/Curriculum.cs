using Tpo.GpuJob.Synthetic;
using static Tpo.GpuJob.Sft.Parts;

namespace Tpo.GpuJob.Sft;

/// <summary>
/// First seeing and reading apart: one half of a step teaches the vision tower (checkpoints of this family start from a trained tower too), the other
/// how an option finds its letter, from the easiest case on. Then captions; then what is written in frames and, beside it, looking things up in
/// words, where a step costs least; then looking them up in short videos; then naming the letter of what was found, in words and in videos; then
/// everything together.
/// Two threads compute a step's halves side by side. Stages end at fixed steps, so that a run may be made longer without changing what it did so far.
/// </summary>
public sealed record Curriculum(int ApartSteps, int FrameSteps, int WordSteps, int PictureSteps, int JoinSteps, int LetterSteps, int WidenSteps)
{
    public const int Halves = 2;
    /// <summary>The first of the picture steps; from their end on the shape alone is found, and colours have to be learned.</summary>
    private const int EasyPictureSteps = 900;
    /// <summary>What is learned last is asked more often.</summary>
    private static readonly QuestionKind[] Hard = [QuestionKind.After, QuestionKind.Before, QuestionKind.When, QuestionKind.Place];

    public IReadOnlyList<StepPart> Plan(int step, WorldRandom random)
    {
        if (step < ApartSteps)
            return [new(SampleView.Tower, 24, 1, 0, false), Apart((double)step / ApartSteps, random)];
        if ((step -= ApartSteps) < FrameSteps)
            return [EarlyOpen(random), EarlyChoices(random)];
        if ((step -= FrameSteps) < WordSteps)
            return [Frame(), EachInWords(false, easy: true)];
        if ((step -= WordSteps) < Math.Min(EasyPictureSteps, PictureSteps))
            return InPictures(easy: true, random);
        return [.. Later(step, random).Select(part => part with { OneShape = 0.8 })];
    }

    private IReadOnlyList<StepPart> Later(int step, WorldRandom random)
    {
        if (step < PictureSteps)
            return InPictures(easy: false, random);
        if ((step -= PictureSteps) < JoinSteps)
            return Lettering.StepsInWords(step, random);
        if ((step -= JoinSteps) < LetterSteps)
            return Lettering.StepsInPictures(step, random);
        if ((step -= LetterSteps) < WidenSteps)
            return Widening.Plan(step, random);
        return [Open(random), Choices(random)];
    }

    private static StepPart Apart(double done, WorldRandom random) => (done, random.Unit()) switch
    {
        (< 0.4, _) => OneWordLetters,
        (< 0.65, _) or (_, < 0.25) => Echo,
        (_, < 0.7) => new(SampleView.Text, 3, 0, 10, true, Easy: true),
        _ => new(SampleView.Text, 5, 0, 8, false, Easy: true),
    };

    private static StepPart EarlyOpen(WorldRandom random) => random.Unit() switch
    {
        < 0.7 => new(SampleView.Frame, 20, 1, 4, false, Easy: true),
        < 0.85 => new(SampleView.Text, 5, 0, 8, false, Easy: true),
        _ => Short(random.Whole(2, 4), false),
    };

    private static StepPart EarlyChoices(WorldRandom random) => random.Unit() switch
    {
        < 0.2 => Echo,
        < 0.75 => new(SampleView.Text, 3, 0, 10, true, Easy: true),
        _ => new(SampleView.Frame, 6, 1, 5, true, Easy: true),
    };

    /// <summary>Of each in pictures: two kinds until looking is there, then all. Meanwhile letters go on in words.</summary>
    private static IReadOnlyList<StepPart> InPictures(bool easy, WorldRandom random) =>
    [
        random.Chance(easy ? 0.4 : 0.25) ? Frame() : EachInPictures(false, easy),
        (easy, random.Unit()) switch
        {
            (true, < 0.5) => EachInWords(false, easy),
            (true, < 0.75) or (false, < 0.25) => EachInWords(false),
            (true, _) => EachInWords(true, easy),
            (false, < 0.65) => EachInWords(true),
            _ => InWords,
        },
    ];

    private static StepPart Open(WorldRandom random) => random.Unit() switch
    {
        < 0.15 => Frame(),
        < 0.22 => OpenInWords,
        < 0.3 => EachInWords(false),
        < 0.4 => new(SampleView.Long, 2, random.Whole(9, LongFrames), 2, false),
        < 0.6 => EachInPictures(false),
        _ => Short(ManyFrames(random), false),
    };

    private static StepPart Choices(WorldRandom random)
    {
        var hard = random.Chance(0.4) ? Hard : null;
        return random.Unit() switch
        {
            < 0.06 => Echo,
            < 0.2 => InWords with { Cued = true, Kinds = hard },
            < 0.25 => new(SampleView.Frame, 6, 1, 5, true) { Cued = true },
            < 0.4 => EachInPictures(false) with { Kinds = hard },
            _ => Short(ManyFrames(random), true) with { Cued = true, Kinds = hard },
        };
    }
}
