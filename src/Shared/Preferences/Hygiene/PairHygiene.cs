using System.Globalization;

namespace Tpo.Shared.Preferences.Hygiene;

/// <summary>Lengths in words of the two answers of one kind of pair.</summary>
/// <param name="ChosenWords">mean</param>
/// <param name="RejectedWords">mean</param>
public sealed record AnswerLengths(int Pairs, double ChosenWords, double RejectedWords);

/// <summary>What a model could learn from a set of pairs besides looking at the right time.</summary>
public sealed record PairHygiene
{
    /// <summary>More than this share told by length alone, and training teaches length.</summary>
    public const double MostByLength = 0.6;

    public required IReadOnlyDictionary<PairKind, AnswerLengths> Lengths { get; init; }
    /// <summary>Share of pairs that the better of the two rules "the longer is chosen" and "the shorter is chosen" tells right; equal lengths count half.</summary>
    public required double LengthShortcut { get; init; }
    /// <summary><see cref="Hygiene.AnswerShortcut.Accuracy"/>, rounded to four digits.</summary>
    public double? AnswerShortcut { get; init; }

    public static PairHygiene Of(IReadOnlyList<PreferencePair> pairs) => new()
    {
        Lengths = new SortedDictionary<PairKind, AnswerLengths>(pairs.GroupBy(pair => pair.Kind).ToDictionary(kind => kind.Key, kind => new AnswerLengths(
            kind.Count(), Math.Round(kind.Average(pair => Words(pair.Chosen)), 2), Math.Round(kind.Average(pair => Words(pair.Rejected)), 2)))),
        LengthShortcut = Math.Round(ByLength(pairs), 4),
        AnswerShortcut = Hygiene.AnswerShortcut.Accuracy(pairs) is { } accuracy ? Math.Round(accuracy, 4) : null,
    };

    /// <summary>What a reader should know before training on these pairs; empty = nothing.</summary>
    public IEnumerable<string> Warnings()
    {
        if (LengthShortcut > MostByLength)
        {
            yield return string.Create(CultureInfo.InvariantCulture,
                $"The length of the answers alone tells chosen from rejected in {LengthShortcut:P0} of the pairs (at most {MostByLength:P0} should be): training may teach length.");
        }
    }

    private static double ByLength(IReadOnlyList<PreferencePair> pairs)
    {
        var longer = pairs.Sum(pair => Math.Sign(pair.Chosen.Length - pair.Rejected.Length) switch { > 0 => 1, 0 => 0.5, _ => 0.0 }) / pairs.Count;
        return Math.Max(longer, 1 - longer);
    }

    private static int Words(string text) => text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries).Length;
}
