namespace Tpo.Shared.Preferences;

/// <summary>
/// Which kept pairs go into a dataset, and in which order. The mix matters: either kind alone does nothing for long videos, both together do
/// (TPO's ablation of localized : comprehensive, best at 5:5).
/// </summary>
/// <param name="Localized">parts of localized pairs</param>
/// <param name="Comprehensive">parts of comprehensive pairs</param>
public sealed record DatasetMix(int Localized = 5, int Comprehensive = 5)
{
    public override string ToString() => $"{Localized}:{Comprehensive}";

    /// <summary>
    /// The largest selection of this mix, ordered by pair id (a hash, so the order is a fixed shuffle and the cut is a fair draw).
    /// Where one kind is missing altogether there is nothing to balance, and all pairs stay.
    /// </summary>
    public IReadOnlyList<PreferencePair> Select(IEnumerable<PreferencePair> kept)
    {
        var pairs = kept.DistinctBy(pair => pair.PairId).OrderBy(pair => pair.PairId, StringComparer.Ordinal).ToList();
        var localized = pairs.Count(pair => pair.Kind == PairKind.Localized);
        var comprehensive = pairs.Count - localized;
        if (localized == 0 || comprehensive == 0 || Localized <= 0 || Comprehensive <= 0)
            return pairs;

        // The scarcer kind (in units of its parts) decides how many of the other fit.
        var scale = Math.Min((double)localized / Localized, (double)comprehensive / Comprehensive);
        var room = new Dictionary<PairKind, int>
        {
            [PairKind.Localized] = (int)Math.Ceiling(scale * Localized),
            [PairKind.Comprehensive] = (int)Math.Ceiling(scale * Comprehensive),
        };
        return [.. pairs.Where(pair => room[pair.Kind]-- > 0)];
    }
}
