namespace Tpo.GpuJob.Sft;

/// <summary>
/// Rises over the first steps of both stages, stays, and falls along a cosine over the last ones. While it stays it does not depend on how long the run will be,
/// so a run that is made longer goes on from a checkpoint of before the fall as if it had been planned so.
/// </summary>
public sealed record LearningRate(double Peak, int Warmup, int ApartSteps, int Steps, int Decay)
{
    private const double Floor = 0.02;

    /// <summary>The rate of a step, counted from 0.</summary>
    public double At(int step)
    {
        var inStage = step < ApartSteps ? step : step - ApartSteps;
        if (inStage < Warmup)
            return Peak * (inStage + 1) / Warmup;
        var fallen = (double)(step - (Steps - Decay)) / Decay;
        return fallen <= 0 ? Peak : Peak * (Floor + (1 - Floor) * 0.5 * (1 + Math.Cos(Math.PI * fallen)));
    }
}
