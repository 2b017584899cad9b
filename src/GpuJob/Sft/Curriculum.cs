using Tpo.GpuJob.Synthetic;

namespace Tpo.GpuJob.Sft;

/// <summary>How a sample's frames are taken from a video of the world.</summary>
public enum SampleView
{
    /// <summary>One frame and what each patch of it shows; no words yet.</summary>
    Tower,
    /// <summary>One frame with its caption.</summary>
    Frame,
    /// <summary>No frames: captions of one to four scenes as text in front of the question. Teaches to look up and to copy, for little.</summary>
    Text,
    /// <summary>A video of two to four scenes in two to eight uniform frames.</summary>
    Short,
    /// <summary>A window of a longer video in four frames, as curation looks at a segment.</summary>
    Segment,
    /// <summary>A whole video of two to eight scenes in sixteen uniform frames, as training and benchmarks look at it.</summary>
    Whole,
}

/// <summary>What one step trains on: all samples of a step have the same number of frames, so that they stack.</summary>
/// <param name="ChoiceShare">share of the questions that are asked with four options</param>
public sealed record StepPlan(SampleView View, int Samples, int Frames, int Questions, double ChoiceShare);

/// <summary>
/// First the vision tower alone (checkpoints of this family start from a trained tower too; captions alone teach it shapes ten times slower), then
/// single frames until they can be named, then few frames, then whole videos; every stage of words keeps some of the earlier ones. Stages end at fixed steps, so that a run may be made longer without changing what it did so far.
/// </summary>
public sealed record Curriculum(int TowerSteps, int CaptionSteps, int ShortSteps)
{
    private int CaptionsEnd => TowerSteps + CaptionSteps;

    private int ShortEnd => CaptionsEnd + ShortSteps;

    public StepPlan Plan(int step, WorldRandom random)
    {
        if (step < TowerSteps)
            return new(SampleView.Tower, 32, 1, 0, 0);
        var draw = random.Unit();
        return step < CaptionsEnd ? new(SampleView.Frame, 24, 1, 1, 0)
            : step < ShortEnd ? FewFrames(draw, random)
            : Everything(draw, random);
    }

    private static StepPlan FewFrames(double draw, WorldRandom random)
    {
        const double choices = 0.3;
        if (draw < 0.2)
            return new(SampleView.Frame, 24, 1, 3, choices);
        if (draw >= 0.7)
            return new(SampleView.Segment, 8, 4, 6, choices);
        var frames = random.Whole(2, 8);
        return new(SampleView.Short, Math.Max(4, 28 / frames), frames, 8, choices);
    }

    /// <summary>Smaller steps, more of them; letters seldom, since they are learned last and cost most.</summary>
    private static StepPlan Everything(double draw, WorldRandom random)
    {
        const double choices = 0.1;
        if (draw < 0.2)
            return new(SampleView.Text, 8, 0, 5, 0.2);
        if (draw < 0.3)
            return new(SampleView.Frame, 16, 1, 3, choices);
        if (draw < 0.55)
            return new(SampleView.Segment, 6, 4, 6, choices);
        if (draw >= 0.7)
            return new(SampleView.Whole, 3, World.CoveringFrames, 7, choices);
        var frames = random.Whole(2, 8);
        return new(SampleView.Short, Math.Max(2, 16 / frames), frames, 7, choices);
    }
}
