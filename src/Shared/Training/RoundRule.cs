using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Training;

/// <summary>What follows from a round that has ended.</summary>
/// <param name="Ends">the run's status where no further round begins; null = the next one does</param>
/// <param name="Gain">null where nothing was compared</param>
/// <param name="Sentence">how the round ended and what follows, for a person</param>
public sealed record RoundVerdict(RunStatus? Ends, bool? Gain, string Sentence);

/// <summary>
/// Whether another round begins. A gain is what the questions prove: the gate says `pass` and the lower bound of the paired difference's 95 % interval lies
/// above 0. "Not worse" is enough to keep a model, and too little to pay for curating and training once more with it. Pure.
/// </summary>
public static class RoundRule
{
    public static bool IsGain(BenchmarkResult result) => result.Gate == Gate.Pass && result.Difference.Low > 0;

    /// <param name="training">the round's own training run</param>
    /// <param name="benchmark">its comparison with the round's base; null = there is none</param>
    public static RoundVerdict Decide(int round, int rounds, TrainingRun training, BenchmarkRun? benchmark)
    {
        var name = $"Round {round} of {rounds}";
        if (training.Status == RunStatus.Cancelled)
            return new(RunStatus.Cancelled, null, $"{name} was cancelled. {training.Failure}");
        if (training.Status != RunStatus.Succeeded || training.Result is not { } made)
            return new(RunStatus.Failed, null, $"{name} failed. {training.Failure}");
        if (benchmark?.Result is not { } result)
            return new(RunStatus.Failed, null,
                $"{name} made {made.ModelId}, and nothing tells whether it is better than {made.BaseModel}. {benchmark?.Failure ?? training.BenchmarkFailure}");
        var figures = $"{made.ModelId} against {made.BaseModel}: {Points(result.Difference.Mean)} points, 95 % interval {Points(result.Difference.Low)} to "
            + $"{Points(result.Difference.High)}, over {benchmark.Suite}; the gate says {result.Gate}";
        if (!IsGain(result))
            return new(RunStatus.Succeeded, false,
                $"{name} brought no gain, so the rounds end and {made.BaseModel} stays the one to use. {figures}. A gain is a lower bound above 0.");
        return round < rounds
            ? new(null, true, $"{name} brought a gain. {figures}.")
            : new(RunStatus.Succeeded, true, $"{name} brought a gain, and it was the last. {figures}.");
    }

    private static string Points(double share) => FormattableString.Invariant($"{100 * share:+0.0;-0.0;0.0}");
}
