using Tpo.GpuJob.Synthetic;

namespace Tpo.GpuJob.Sft;

/// <summary>How a sample's frames are taken from a video of the world.</summary>
public enum SampleView
{
    /// <summary>One frame and what each patch of it shows; no words yet.</summary>
    Tower,
    /// <summary>One frame with its caption and what else it alone tells.</summary>
    Frame,
    /// <summary>No frames: a line a scene in front of the question. Teaches to look up, to order and to find the letter, for little.</summary>
    Text,
    /// <summary>No frames: four options of one word in front, and which letter has which. Teaches how an option finds its letter.</summary>
    Letters,
    /// <summary>The same with options of every kind, in the forms of four benchmarks.</summary>
    Echo,
    /// <summary>One to five scenes in up to eight uniform frames: a short video, or a part of a long one.</summary>
    Short,
    /// <summary>A long video in up to 32 frames, of which only the first and the last are asked for: length becomes familiar, looking things up in it does not.</summary>
    Long,
}

/// <summary>One half of a step: samples of one kind, so that they stack.</summary>
/// <param name="Choices">whether its questions have four options</param>
/// <param name="Each">whether it asks of everything at once: "Where is each?"</param>
/// <param name="Easy">stories of one scene half of the time; of a frame, its clock no more often than the rest; of each, only the place and the dots</param>
public sealed record StepPart(SampleView View, int Samples, int Frames, int Questions, bool Choices, bool Each = false, bool Easy = false)
{
    /// <summary>How often things share a colour or a shape: see <see cref="WorldShape.Alike"/>.</summary>
    public double Alike { get; init; }
}

/// <summary>
/// First seeing and reading apart: one half of a step teaches the vision tower (checkpoints of this family start from a trained tower too), the other
/// how an option finds its letter, from the easiest case on. Then single frames; then looking things up, in words, where a step costs least; then
/// looking them up in short videos; then everything together, one half open answers, the other four options. Two threads compute the halves side
/// by side. Stages end at fixed steps, so that a run may be made longer without changing what it did so far.
/// </summary>
public sealed record Curriculum(int ApartSteps, int FrameSteps, int WordSteps, int PictureSteps)
{
    public const int Halves = 2;
    public const int ShortFrames = 8, LongFrames = 32;
    private const int Lists = 12;
    /// <summary>Things that differ in their colour alone, or their shape, are told apart once they are found at all.</summary>
    private const double Alike = 0.5;

    public IReadOnlyList<StepPart> Plan(int step, WorldRandom random)
    {
        if (step < ApartSteps)
            return [new(SampleView.Tower, 24, 1, 0, false), Apart((double)step / ApartSteps, random)];
        step -= ApartSteps;
        if (step < FrameSteps)
            return [EarlyOpen(random), EarlyChoices(random)];
        step -= FrameSteps;
        if (step < WordSteps)
            return InWords(step, random);
        step -= WordSteps;
        return [.. (step < PictureSteps ? InPictures(step, random) : [Open(random), Choices(random)]).Select(part => step < 1200 ? part : part with { Alike = Alike })];
    }

    private static StepPart Apart(double done, WorldRandom random) => (done, random.Unit()) switch
    {
        (< 0.4, _) => new(SampleView.Letters, Lists, 0, 3, true),
        (< 0.65, _) or (_, < 0.25) => new(SampleView.Echo, Lists, 0, 3, true),
        (_, < 0.7) => new(SampleView.Text, 3, 0, 10, true, Easy: true),
        _ => new(SampleView.Text, 5, 0, 8, false, Easy: true),
    };

    private static StepPart EarlyOpen(WorldRandom random) => random.Unit() switch
    {
        < 0.7 => new(SampleView.Frame, 20, 1, 4, false, Easy: true),
        < 0.85 => new(SampleView.Text, 5, 0, 8, false, Easy: true),
        _ => Short(random, random.Whole(2, 4), false),
    };

    private static StepPart EarlyChoices(WorldRandom random) => random.Unit() switch
    {
        < 0.2 => new(SampleView.Echo, Lists, 0, 3, true),
        < 0.75 => new(SampleView.Text, 3, 0, 10, true, Easy: true),
        _ => new(SampleView.Frame, 6, 1, 5, true, Easy: true),
    };

    /// <summary>
    /// One half reads frames all along: what is written in them is not learned any more once looking up is. The other looks up in words: of each,
    /// two kinds until it is there, then all kinds, and their letters beside.
    /// </summary>
    private static IReadOnlyList<StepPart> InWords(int step, WorldRandom random) =>
    [
        Frame(),
        (step, random.Unit()) switch
        {
            (< 600, _) => EachInWords(false, easy: true),
            (< 900, < 0.5) => EachInWords(true, easy: true),
            (< 900, _) or (_, < 0.4) => EachInWords(false),
            (_, < 0.7) => EachInWords(true),
            _ => new(SampleView.Text, 3, 0, 10, true),
        },
    ];

    /// <summary>Of each in pictures: two kinds until looking is there, then all. Letters go on in words until what they stand for is found in pictures too.</summary>
    private static IReadOnlyList<StepPart> InPictures(int step, WorldRandom random) =>
    [
        random.Chance(0.3) ? Frame() : EachInPictures(false, easy: step < 800),
        (step, random.Unit()) switch
        {
            ( >= 1500, < 0.5) => EachInPictures(true, easy: step < 2000),
            (_, < 0.6) => EachInWords(true),
            (_, < 0.75) => EachInWords(false),
            _ => new(SampleView.Text, 3, 0, 10, true),
        },
    ];

    private static StepPart Frame() => new(SampleView.Frame, 20, 1, 5, false);

    private static StepPart EachInWords(bool choices, bool easy = false) => new(SampleView.Text, choices ? 5 : 7, 0, easy ? 2 : 4, choices, Each: true, Easy: easy);

    private static StepPart EachInPictures(bool choices, bool easy = false) =>
        new(SampleView.Short, choices ? 3 : 4, ShortFrames, easy ? 2 : 4, choices, Each: true, Easy: easy);

    private static StepPart Open(WorldRandom random) => random.Unit() switch
    {
        < 0.15 => Frame(),
        < 0.25 => EachInWords(false),
        < 0.35 => new(SampleView.Long, 2, random.Whole(9, LongFrames), 2, false),
        < 0.65 => EachInPictures(false),
        _ => Short(random, ManyFrames(random), false),
    };

    private static StepPart Choices(WorldRandom random) => random.Unit() switch
    {
        < 0.05 => new(SampleView.Echo, Lists, 0, 3, true),
        < 0.15 => new(SampleView.Text, 3, 0, 10, true),
        < 0.2 => EachInWords(true),
        < 0.25 => new(SampleView.Frame, 6, 1, 5, true),
        < 0.6 => EachInPictures(true),
        _ => Short(random, ManyFrames(random), true),
    };

    /// <summary>Half of the short videos take all eight frames.</summary>
    private static int ManyFrames(WorldRandom random) => random.Chance(0.5) ? ShortFrames : random.Whole(2, ShortFrames);

    private static StepPart Short(WorldRandom random, int frames, bool choices) =>
        choices ? new(SampleView.Short, Math.Max(2, 12 / frames), frames, 8, true) : new(SampleView.Short, Math.Max(3, 20 / frames), frames, 10, false);
}
