using static System.FormattableString;

namespace Tpo.Shared.Training;

/// <summary>What one curve looks like so far.</summary>
/// <param name="Curve">its name in `metrics.jsonl`</param>
/// <param name="Normal">null where it is too early to tell, or there is nothing to expect</param>
/// <param name="Sentence">what it did, and where that is not normal what to do</param>
public sealed record CurveSentence(string Curve, bool? Normal, string Sentence);

/// <summary>
/// Reads a run's curves as somebody would who has seen many: DPO loss begins where the model is its own reference, margins rise from 0, more than half of the pairs
/// are told apart, the chosen answers stay about as likely as they were, gradients neither vanish nor explode. Begin and end are means over a quarter of the steps, since a
/// step is a few pairs. Pure.
/// </summary>
public static class CurveReading
{
    /// <summary>Before so many steps only the beginning is judged.</summary>
    private const int Enough = 4;
    private const double MostFall = 0.1, MostGrowth = 10;

    /// <returns>a sentence a curve, none before the first step</returns>
    public static IReadOnlyList<CurveSentence> Of(TrainingRequest request, IReadOnlyList<TrainingMetrics> rows) => rows.Count == 0
        ? []
        : [DpoLoss(request, rows), Margins(request, rows), Accuracies(request, rows), ChosenLogProb(request, rows), GradientNorm(request, rows)];

    /// <summary>Where the model is the reference every margin is 0, and the loss is ln 2, 1/(4β²) or 1; null = there is no reference to be equal to.</summary>
    public static double? Start(TrainingRequest request) => (request.ReferenceFree, request.LossForm) switch
    {
        (true, _) => null,
        (_, PreferenceForm.Ipo) => 1 / (4 * request.Beta * request.Beta),
        (_, PreferenceForm.Hinge) => 1,
        _ => Math.Log(2),
    };

    private static CurveSentence DpoLoss(TrainingRequest request, IReadOnlyList<TrainingMetrics> rows)
    {
        const string name = "dpo_loss";
        var first = rows[0].DpoLoss;
        if (Start(request) is not { } start)
            return new(name, null, Invariant($"{name} began at {first:F4}; without a reference there is no value at which it has to begin."));
        if (Math.Abs(first - start) > 0.005 * start)
            return new(name, false, Invariant($"{name} began at {first:F4} and not at {start:F4}: the reference is not the model that training began with, so rewards are not measured from it."));
        var begun = Invariant($"{name} began at {start:F4}, as it must where the model is its own reference");
        if (request.DpoWeight == 0 || rows.Count < Enough)
            return new(name, true, begun + ".");
        var now = End(rows, row => row.DpoLoss);
        return now < start
            ? new(name, true, Invariant($"{begun}, and is at {now:F4} now."))
            : new(name, false, Invariant($"{begun}, and has not fallen: it is at {now:F4}. Too small a learningRate or too few steps do that; where it rises, too large a rate."));
    }

    private static CurveSentence Margins(TrainingRequest request, IReadOnlyList<TrainingMetrics> rows)
    {
        const string name = "rewards/margins";
        if (Unread(request, rows, name) is { } unread)
            return unread;
        var (begin, end) = (Begin(rows, row => row.Margin), End(rows, row => row.Margin));
        return end > 0 && end > begin
            ? new(name, true, Invariant($"{name} rose from 0 to {end:F3}: chosen answers gain on rejected ones."))
            : new(name, false, Invariant($"{name} does not rise: it was {begin:F3} in the first quarter of the steps and is {end:F3}. The pairs are not being learnt; look at learningRate, and at some pairs (./tpo pairs sample)."));
    }

    private static CurveSentence Accuracies(TrainingRequest request, IReadOnlyList<TrainingMetrics> rows)
    {
        const string name = "rewards/accuracies";
        if (Unread(request, rows, name) is { } unread)
            return unread;
        var end = End(rows, row => row.RewardAccuracy);
        var heldOut = rows.LastOrDefault(row => row.HeldOutAccuracy is not null)?.HeldOutAccuracy;
        if (end > 0.5 && heldOut is <= 0.5)
            return new(name, false, Invariant($"{name} is {end:F2} on the pairs that are trained on and {heldOut:F2} on held-out ones: they are learnt by heart. Fewer steps or more videos help."));
        return end > 0.5
            ? new(name, true, Invariant($"{name} is {end:F2}: so large a share of the pairs has the chosen answer ahead{(heldOut is null ? "" : Invariant($", of held-out ones {heldOut:F2}"))}."))
            : new(name, false, Invariant($"{name} is {end:F2}, no better than a coin (at step 0 it is 0, since nothing is ahead yet)."));
    }

    /// <summary>A step's pairs are others than the first step's, so the change is taken from the rewards, β times the change of these very pairs; where those are of a token, begin and end are compared.</summary>
    private static CurveSentence ChosenLogProb(TrainingRequest request, IReadOnlyList<TrainingMetrics> rows)
    {
        const string name = "logps/chosen";
        if (rows.Count < Enough)
            return Early(name, rows);
        var ofAToken = request.LengthNormalised || request.LossForm == PreferenceForm.Ipo;
        var now = End(rows, row => row.LogProbChosen);
        var change = ofAToken ? now - Begin(rows, row => row.LogProbChosen) : End(rows, row => row.RewardChosen) / request.Beta;
        var start = now - change;
        var share = start == 0 ? 0 : change / Math.Abs(start);
        var moved = Invariant($"{name} {(change < 0 ? "fell" : "rose")} by {Math.Abs(change):F2} from {start:F2} ({Math.Abs(share):P0})");
        return share >= -MostFall
            ? new(name, true, moved + (change < 0 ? ": little, they are about as likely as they were." : ": the chosen answers became likelier."))
            : new(name, false, moved + ": the margin grows by making both answers unlikely. A larger sftWeight or a smaller learningRate holds it, mostChosenDrop ends training there.");
    }

    private static CurveSentence GradientNorm(TrainingRequest request, IReadOnlyList<TrainingMetrics> rows)
    {
        const string name = "grad_norm";
        var (least, most) = (rows.Min(row => row.GradientNorm), rows.Max(row => row.GradientNorm));
        if (most == 0)
            return new(name, false, $"{name} is 0 in every step: nothing is being trained.");
        if (rows.Count < Enough)
            return Early(name, rows);
        var (begin, end) = (Begin(rows, row => row.GradientNorm), End(rows, row => row.GradientNorm));
        if (end > MostGrowth * begin)
            return new(name, false, Invariant($"{name} grew from {begin:G3} to {end:G3}: training is about to diverge. Start again with a smaller learningRate or a longer warmupRatio."));
        var clipped = rows.Count(row => row.GradientNorm > request.MaxGradientNorm);
        return new(name, true, Invariant($"{name} lies between {least:G3} and {most:G3}; {clipped} of {rows.Count} steps were scaled down to {request.MaxGradientNorm:G3}."));
    }

    private static CurveSentence? Unread(TrainingRequest request, IReadOnlyList<TrainingMetrics> rows, string name) =>
        request.DpoWeight == 0 ? new(name, null, $"{name} is not trained on, since dpoWeight is 0.") : rows.Count < Enough ? Early(name, rows) : null;

    private static CurveSentence Early(string name, IReadOnlyList<TrainingMetrics> rows) =>
        new(name, null, $"{name}: too early to tell after {rows.Count} step{(rows.Count == 1 ? "" : "s")}.");

    private static double Begin(IReadOnlyList<TrainingMetrics> rows, Func<TrainingMetrics, double> of) => rows.Take(Quarter(rows)).Average(of);

    private static double End(IReadOnlyList<TrainingMetrics> rows, Func<TrainingMetrics, double> of) => rows.TakeLast(Quarter(rows)).Average(of);

    private static int Quarter(IReadOnlyList<TrainingMetrics> rows) => Math.Max(1, rows.Count / 4);
}
