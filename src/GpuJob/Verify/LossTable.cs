using System.Text.Json;
using Tpo.GpuJob.Training;
using Tpo.Shared.Training;
using TorchSharp;
using static TorchSharp.torch;

namespace Tpo.GpuJob.Verify;

/// <summary>
/// loss_table.json: rows of log-probs, from moderate to extreme, with the DPO loss and both rewards. Computed in f64, so the tolerance is
/// that of the arithmetic: |found − expected| / max(1, |expected|).
/// </summary>
public static class LossTable
{
    private const double Tolerance = 1e-12;
    private static readonly JsonSerializerOptions Json = new() { PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower };

    /// <param name="ReferenceFree">the loss (not the rewards) is that of a reference to which both answers are equally likely</param>
    private sealed record Row(
        double PolicyChosen, double PolicyRejected, double ReferenceChosen, double ReferenceRejected, double Beta, double LabelSmoothing,
        bool ReferenceFree, double Loss, double RewardChosen, double RewardRejected);

    public static ReferenceFile Check(string path)
    {
        Row[] rows = JsonSerializer.Deserialize<Row[]>(File.ReadAllBytes(path), Json)!;
        return new ReferenceFile(path, $"{rows.Length} rows", [.. rows.SelectMany(Compare)]);
    }

    private static Finding[] Compare(Row row, int index)
    {
        using var scope = NewDisposeScope();
        PreferenceTerms terms = PreferenceLoss.Objective(
            new(One(row.PolicyChosen), One(row.PolicyRejected)), new(One(row.ReferenceChosen), One(row.ReferenceRejected)), new(One(1), One(1)),
            pairsOfStep: 1, chosenTokensOfStep: 1,
            new LossOptions(row.Beta, DpoWeight: 1, SftWeight: 0) { LabelSmoothing = row.LabelSmoothing, ReferenceFree = row.ReferenceFree });
        return
        [
            Near($"row {index} loss", row.Loss, terms.Loss), Near($"row {index} reward_chosen", row.RewardChosen, terms.RewardChosen),
            Near($"row {index} reward_rejected", row.RewardRejected, terms.RewardRejected),
        ];
    }

    private static Finding Near(string what, double expected, Tensor found)
    {
        double value = found.sum().item<double>();
        return new Finding(what, Math.Abs(value - expected) / Math.Max(1, Math.Abs(expected)), Tolerance, $"{value} instead of {expected}");
    }

    private static Tensor One(double value) => tensor(new double[] { value });
}
