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
    /// <summary>In how many videos things differ in their colour alone or their shape alone: see <see cref="WorldShape.Alike"/>.</summary>
    public double Alike { get; init; }
    public double OneShape { get; init; } = 0.5;
    /// <summary>Options without a benchmark's instruction; the answer is the text, then its letter.</summary>
    public bool Told { get; init; }
    /// <summary>The kinds asked, where a video has any of them; null = all.</summary>
    public IReadOnlyCollection<QuestionKind>? Kinds { get; init; }
    /// <summary>In a benchmark's own form the answer is the option's text, then its letter: "left B)".</summary>
    public bool Said { get; init; }
    /// <summary>And before both what the question names: "red star left B)", which is looked up as with each.</summary>
    public bool Cued { get; init; }
}
