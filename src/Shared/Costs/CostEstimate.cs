using Tpo.Shared.Preferences;

namespace Tpo.Shared.Costs;

/// <summary>One stage's part of an estimate.</summary>
/// <param name="Units">how many units of work at most</param>
/// <param name="Measured">how many units of the ledger the means come from; 0 = nothing is known of this stage, and it counts nothing</param>
public sealed record StageEstimate(int Units, int Measured, double Seconds, double PromptTokens, double GeneratedTokens, decimal Money);

/// <summary>
/// What curating so many more videos would cost: as many units as the settings allow, each at the mean of what such units have cost so far, at today's prices. An upper
/// estimate: a video with fewer segments, or with views that nobody asks about, has fewer units.
/// </summary>
public sealed record CostEstimate(int Videos, IReadOnlyDictionary<CostStage, StageEstimate> Stages)
{
    public decimal Money => Stages.Values.Sum(stage => stage.Money);
    public double Seconds => Stages.Values.Sum(stage => stage.Seconds);
    /// <summary>Stages that were never measured; curate one video to know them.</summary>
    public IReadOnlyList<CostStage> Unknown => [.. Stages.Where(stage => stage.Value.Measured == 0).Select(stage => stage.Key)];

    public static CostEstimate Of(int videos, IReadOnlyCollection<LedgerLine> lines, TpoSettings settings) =>
        new(videos, new SortedDictionary<CostStage, StageEstimate>(Enum.GetValues<CostStage>().ToDictionary(stage => stage, stage =>
        {
            var known = lines.Where(line => line.Stage == stage).ToList();
            var units = videos * UnitsOf(stage, settings.SegmentsPerVideo);
            var scale = known.Count == 0 ? 0 : (double)units / known.Count;
            var sum = known.Aggregate(Cost.None, (sum, line) => sum.Plus(line.Cost));
            return new StageEstimate(
                units, known.Count, sum.Seconds * scale, sum.PromptTokens * scale, sum.GeneratedTokens * scale, settings.Costs[stage].Of(sum) * (decimal)scale);
        })));

    /// <summary>Units a video: its plan, its queries and its verdicts are one each; every view is one, the whole and each segment captioned, both answered twice.</summary>
    private static int UnitsOf(CostStage stage, int segments) => stage switch
    {
        CostStage.Captions => 1 + segments,
        CostStage.Answers => 2 + 2 * segments,
        _ => 1,
    };
}
