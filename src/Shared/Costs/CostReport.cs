namespace Tpo.Shared.Costs;

/// <summary>A sum of ledger lines.</summary>
public sealed record CostSum(int Units, double Seconds, long PromptTokens, long GeneratedTokens, long Bytes, decimal Money)
{
    public static CostSum Of(IEnumerable<LedgerLine> lines) => lines.Aggregate(new CostSum(0, 0, 0, 0, 0, 0), (sum, line) => new CostSum(
        sum.Units + 1, sum.Seconds + line.Cost.Seconds, sum.PromptTokens + line.Cost.PromptTokens, sum.GeneratedTokens + line.Cost.GeneratedTokens,
        sum.Bytes + line.Bytes, sum.Money + line.Money));
}

/// <summary>What curation cost: in all, by day (UTC), by stage and by video, with the caps that are set.</summary>
public sealed record CostReport
{
    public required CostSum Total { get; init; }
    public required CostSum Today { get; init; }
    public required IReadOnlyDictionary<string, CostSum> ByDay { get; init; }
    public required IReadOnlyDictionary<CostStage, CostSum> ByStage { get; init; }
    public required IReadOnlyDictionary<string, CostSum> ByVideo { get; init; }
    public decimal? MostPerDay { get; init; }
    public decimal? MostPerVideo { get; init; }

    public static CostReport Of(IReadOnlyCollection<LedgerLine> lines, CostSettings settings, DateOnly today)
    {
        var byDay = Sums(lines, line => $"{line.At.UtcDateTime:yyyy-MM-dd}");
        return new CostReport
        {
            Total = CostSum.Of(lines),
            Today = byDay.GetValueOrDefault($"{today:yyyy-MM-dd}") ?? CostSum.Of([]),
            ByDay = byDay,
            ByStage = Sums(lines, line => line.Stage),
            ByVideo = Sums(lines, line => line.VideoId),
            MostPerDay = settings.MostPerDay,
            MostPerVideo = settings.MostPerVideo,
        };
    }

    private static SortedDictionary<TKey, CostSum> Sums<TKey>(IEnumerable<LedgerLine> lines, Func<LedgerLine, TKey> key) where TKey : notnull =>
        new(lines.GroupBy(key).ToDictionary(group => group.Key, CostSum.Of));
}
