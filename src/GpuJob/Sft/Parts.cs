using Tpo.GpuJob.Synthetic;

namespace Tpo.GpuJob.Sft;

/// <summary>The halves that stages are made of, with sizes that take about the same time.</summary>
internal static class Parts
{
    public const int ShortFrames = 8, LongFrames = 32;
    private const int Lists = 12;
    public static readonly QuestionKind[] PlaceAndDots = [QuestionKind.Place, QuestionKind.Dots];

    public static StepPart OneWordLetters => new(SampleView.Letters, Lists, 0, 3, true);

    public static StepPart Echo => new(SampleView.Echo, Lists, 0, 3, true);

    public static StepPart Frame() => new(SampleView.Frame, 14, 1, 5, false);

    public static StepPart InWords => new(SampleView.Text, 5, 0, 8, true) { Alike = 0.4 };

    public static StepPart OpenInWords => new(SampleView.Text, 5, 0, 8, false) { Alike = 0.4 };

    public static StepPart EachInWords(bool choices, bool easy = false) =>
        new(SampleView.Text, easy ? 12 : 7, 0, easy ? 2 : 4, choices, Each: true, Easy: easy) { Alike = easy ? 0.7 : 0.5 };

    public static StepPart EachInPictures(bool choices, bool easy = false) =>
        new(SampleView.Short, choices ? 3 : 4, ShortFrames, easy ? 2 : 4, choices, Each: true, Easy: easy) { Alike = 0.5 };

    /// <summary>Half of the short videos take all eight frames.</summary>
    public static int ManyFrames(WorldRandom random) => random.Chance(0.5) ? ShortFrames : random.Whole(2, ShortFrames);

    public static StepPart Short(int frames, bool choices) =>
        new(SampleView.Short, Math.Max(3, 20 / frames), frames, 10, choices) { Alike = frames == ShortFrames ? 0.3 : 0, Said = choices };
}
