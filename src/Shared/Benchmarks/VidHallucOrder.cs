using System.Text.RegularExpressions;

namespace Tpo.Shared.Benchmarks;

/// <summary>
/// How VidHalluc reads the order of two actions out of free text (`eval_tsh.py`). Its patterns forbid letters where they mean words, so that nearly every
/// sentence is read by the order in which the actions are named: "Action B happens after Action A." reads as BA. It is followed here to the letter.
/// </summary>
public static partial class VidHallucOrder
{
    public const string None = "None";

    /// <summary>AB, BA, A, B, None, or a longer string where actions are named more often.</summary>
    public static string Parse(string answer)
    {
        var text = answer.ToLowerInvariant();
        if (text is "ab" or "ba" or "a" or "b")
            return text.ToUpperInvariant();
        var (first, second) = (Has("action a"), Has("action b"));
        if (Has("not clear") || Has("no clear"))
            return None;
        if (!first || !second)
            return first ? "A" : second ? "B" : None;
        // Only the first of the three words that occurs is tried.
        var match = Has("before") ? Before().Match(text) : Has("then") ? Then().Match(text) : Has("after") ? After().Match(text) : Match.Empty;
        if (match.Success)
            return Has("before") || Has("then") ? Last(match.Groups[1]) + Last(match.Groups[2]) : Last(match.Groups[2]) + Last(match.Groups[1]);
        return string.Concat(Action().Matches(text).Select(Last));

        bool Has(string words) => text.Contains(words, StringComparison.Ordinal);
        static string Last(Group named) => named.Value[^1..].ToUpperInvariant();
    }

    /// <summary>The capitals A-D that stand alone, each once, in order of the alphabet.</summary>
    public static string SingleCapitals(string answer) => string.Concat(Capital().Matches(answer).Select(match => match.Value).Distinct().Order(StringComparer.Ordinal));

    [GeneratedRegex(@"(action [ab]|[ab][.)])[^before]+before[^action]*?(action [ab]|[ab][.)])", RegexOptions.CultureInvariant)]
    private static partial Regex Before();

    [GeneratedRegex(@"(action [ab]|[ab][.)])[^then]+then[^action]*?(action [ab]|[ab][.)])", RegexOptions.CultureInvariant)]
    private static partial Regex Then();

    [GeneratedRegex(@"(action [ab]|[ab][.)])[^after]+after[^action]*?(action [ab]|[ab][.)])", RegexOptions.CultureInvariant)]
    private static partial Regex After();

    [GeneratedRegex(@"action [ab]|[ab][.)]", RegexOptions.CultureInvariant)]
    private static partial Regex Action();

    [GeneratedRegex(@"\b[A-D]\b", RegexOptions.CultureInvariant)]
    private static partial Regex Capital();
}
