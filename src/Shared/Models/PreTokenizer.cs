using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace Tpo.Shared.Models;

/// <summary>Cuts text into the words that merges never cross, by the pattern published with Qwen2.</summary>
public static partial class PreTokenizer
{
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    public static List<string> Split(string text)
    {
        var shape = ShapeOf(text, out var lengths);
        var words = new List<string>();
        var start = 0;
        foreach (var match in Words().EnumerateMatches(shape))
        {
            var length = match.Length;
            if (lengths is not null)
            {
                length = 0;
                for (var i = match.Index; i < match.Index + match.Length; i++)
                    length += lengths[i];
            }
            words.Add(text.Substring(start, length));
            start += length;
        }
        return words;
    }

    /// <summary>
    /// .NET's expressions see UTF-16 units, the published pattern sees characters. So a character outside the basic plane is replaced
    /// by one of the same class (letter, number or other) inside it. `lengths`: UTF-16 units of each character, null where all are 1.
    /// </summary>
    private static string ShapeOf(string text, out byte[]? lengths)
    {
        lengths = null;
        if (!text.AsSpan().ContainsAnyInRange('\uD800', '\uDFFF'))
            return text;
        var shape = new StringBuilder(text.Length);
        var units = new List<byte>(text.Length);
        for (var i = 0; i < text.Length; i += units[^1])
        {
            var pair = char.IsSurrogatePair(text, i);
            units.Add((byte)(pair ? 2 : 1));
            shape.Append(char.IsSurrogate(text[i]) ? Stand(CharUnicodeInfo.GetUnicodeCategory(text, i)) : text[i]);
        }
        lengths = [.. units];
        return shape.ToString();
    }

    private static char Stand(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => 'a',
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '0',
        _ => '.',
    };

    [GeneratedRegex(Pattern, RegexOptions.CultureInvariant)]
    private static partial Regex Words();
}
