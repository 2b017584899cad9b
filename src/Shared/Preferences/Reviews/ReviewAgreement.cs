namespace Tpo.Shared.Preferences.Reviews;

/// <summary>How far reviewers agree, with each other and with the judge, on whether a pair is fit: accepted and edited ones are, rejected ones are not; flags say neither.</summary>
public sealed record ReviewAgreement
{
    public required int Reviews { get; init; }
    public required int Pairs { get; init; }
    public required IReadOnlyDictionary<ReviewDecision, int> Decisions { get; init; }
    /// <summary>Pairs that at least two people judged.</summary>
    public required int ReviewedTwice { get; init; }
    /// <summary>Of all twos of reviews of one pair, the share that agree; null where there are none.</summary>
    public double? Agreement { get; init; }
    /// <summary>Krippendorff's α for two categories: 1 = always, 0 = as by chance; null where nothing could differ.</summary>
    public double? Alpha { get; init; }
    /// <summary>Of all reviews that say fit or unfit, the share that say what the judge did; null where there are none.</summary>
    public double? WithJudge { get; init; }

    /// <summary>Between the judge that decided and the judge of rules, where they are two.</summary>
    public JudgeAgreement? Judges { get; init; }

    public static ReviewAgreement Of(IReadOnlyCollection<PairReview> reviews)
    {
        var judged = reviews.Where(review => review.Decision != ReviewDecision.Flag).ToList();
        var units = judged.GroupBy(review => review.PairId).Select(pair => pair.Select(IsFit).ToList()).Where(votes => votes.Count > 1).ToList();
        return new ReviewAgreement
        {
            Reviews = reviews.Count,
            Pairs = reviews.Select(review => review.PairId).Distinct().Count(),
            Decisions = new SortedDictionary<ReviewDecision, int>(reviews.GroupBy(review => review.Decision).ToDictionary(group => group.Key, group => group.Count())),
            ReviewedTwice = units.Count,
            Agreement = units.Count == 0 ? null : (double)units.Sum(votes => Twos(votes.Count) - Mixed(votes)) / units.Sum(votes => Twos(votes.Count)),
            Alpha = KrippendorffAlpha(units),
            WithJudge = judged.Count == 0 ? null : judged.Average(review => IsFit(review) == review.Kept ? 1.0 : 0),
        };
    }

    /// <summary>
    /// α = 1 − D_o / D_e (Krippendorff 2011, nominal data): D_o = (1/n) Σ_u m_u(m_u−1)-normalised disagreements inside units,
    /// D_e = n_fit · n_unfit · 2 / (n (n − 1)), over the n votes of units with at least two.
    /// </summary>
    private static double? KrippendorffAlpha(IReadOnlyCollection<List<bool>> units)
    {
        double n = units.Sum(votes => votes.Count), fit = units.Sum(votes => votes.Count(vote => vote));
        if (fit == 0 || fit == n)
            return null;
        var observed = units.Sum(votes => 2.0 * Mixed(votes) / (votes.Count - 1)) / n;
        return 1 - observed / (2 * fit * (n - fit) / (n * (n - 1)));
    }

    private static bool IsFit(PairReview review) => review.Decision is ReviewDecision.Accept or ReviewDecision.Edit;

    private static int Twos(int votes) => votes * (votes - 1) / 2;

    private static int Mixed(List<bool> votes) => votes.Count(vote => vote) * votes.Count(vote => !vote);
}
