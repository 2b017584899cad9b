namespace Tpo.Shared.Preferences.Reviews;

/// <summary>How far the judge that decided and the judge of rules agree on which candidates are pairs.</summary>
public sealed record JudgeAgreement
{
    /// <summary>Candidates that both judged.</summary>
    public required int Compared { get; init; }
    public required int KeptByBoth { get; init; }
    public required int KeptByFirst { get; init; }
    public required int KeptBySecond { get; init; }
    /// <summary>Share on which they agree; null where they have nothing in common.</summary>
    public double? Agreement { get; init; }
    /// <summary>Cohen's κ: 1 = always, 0 = as by chance; null where nothing could differ.</summary>
    public double? Kappa { get; init; }

    /// <param name="entries">kept and rejected ones</param>
    public static JudgeAgreement Of(IEnumerable<PairEntry> entries)
    {
        var judged = entries.Where(entry => entry is { Superseded: false, KeptBySecond: not null }).Select(entry => (First: entry.Reason is null, Second: entry.KeptBySecond!.Value)).ToList();
        double n = judged.Count, first = judged.Count(votes => votes.First), second = judged.Count(votes => votes.Second), agreed = judged.Count(votes => votes.First == votes.Second);
        // κ = (p_o − p_e) / (1 − p_e), Cohen 1960: p_e = what two judges agree on who keep as often and know nothing of each other.
        var byChance = n == 0 ? 1 : (first * second + (n - first) * (n - second)) / (n * n);
        return new JudgeAgreement
        {
            Compared = judged.Count,
            KeptByBoth = judged.Count(votes => votes is { First: true, Second: true }),
            KeptByFirst = (int)first,
            KeptBySecond = (int)second,
            Agreement = n == 0 ? null : agreed / n,
            Kappa = byChance == 1 ? null : (agreed / n - byChance) / (1 - byChance),
        };
    }
}
