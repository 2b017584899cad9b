using System.Text.RegularExpressions;

namespace Tpo.Shared.Preferences.Hygiene;

/// <summary>How much of what one text says another says too, in the same order.</summary>
public static partial class ContentWords
{
    private static readonly HashSet<string> Functional =
        ["a", "an", "the", "is", "are", "was", "were", "be", "at", "in", "on", "of", "to", "and", "then", "it", "its", "there", "that", "this", "with"];

    public static IReadOnlyList<string> Of(string text) =>
        [.. WordPattern().Matches(text.ToLowerInvariant()).Select(match => match.Value).Where(word => !Functional.Contains(word))];

    /// <summary>
    /// F1 = 2·m / (|a| + |b|) over content words, where m is the length of their longest common subsequence (ROUGE-L: order counts, so a list
    /// in the wrong order scores less). 1 where both have none.
    /// </summary>
    public static double F1(string text, string reference)
    {
        var (a, b) = (Of(text), Of(reference));
        return a.Count + b.Count == 0 ? 1 : 2.0 * LongestCommonSubsequence(a, b) / (a.Count + b.Count);
    }

    private static int LongestCommonSubsequence(IReadOnlyList<string> a, IReadOnlyList<string> b)
    {
        var row = new int[b.Count + 1];
        for (var i = 0; i < a.Count; i++)
        {
            var diagonal = 0;
            for (var j = 0; j < b.Count; j++)
            {
                var above = row[j + 1];
                row[j + 1] = a[i] == b[j] ? diagonal + 1 : Math.Max(above, row[j]);
                diagonal = above;
            }
        }
        return row[b.Count];
    }

    [GeneratedRegex("[a-z0-9]+")]
    private static partial Regex WordPattern();
}
