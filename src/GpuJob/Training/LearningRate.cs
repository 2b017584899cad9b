namespace Tpo.GpuJob.Training;

/// <summary>Linear warm-up, then half a cosine.</summary>
public static class LearningRate
{
    /// <summary>
    /// The rate of optimiser step s = 0 … S − 1. With W = ceil(warmupRatio · S) warm-up steps:
    /// peak · (s + 1) / W for s &lt; W, then peak · (1 + cos(π · (s − W) / (S − W))) / 2. No step has rate zero.
    /// </summary>
    public static double At(int step, int steps, double peak, double warmupRatio)
    {
        int warmup = Math.Min(steps, (int)Math.Ceiling(warmupRatio * steps));
        return step < warmup
            ? peak * (step + 1) / warmup
            : peak * (1 + Math.Cos(Math.PI * (step - warmup) / (steps - warmup))) / 2;
    }
}
