using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;
using Tpo.Shared.Models;

namespace Tpo.Tests.Unit.Serving;

public sealed class PreTokenizerTests
{
    [Theory]
    [InlineData("it's they'RE don't", "it|'s| they|'RE| don|'t")]
    [InlineData("a  b", "a| | b")]
    [InlineData("a \n\n b", "a| \n\n| b")]
    [InlineData("12 3", "1|2| |3")]
    [InlineData(" ...\r\nx", " ...\r\n|x")]
    [InlineData("tail  ", "tail|  ")]
    [InlineData("\tx\u00A0y", "\tx|\u00A0y")]
    [InlineData("\U00010348\U0001D4B3 \U0001F9EC\U0001D7D8", "\U00010348\U0001D4B3| \U0001F9EC|\U0001D7D8")]
    [InlineData("'ſ 'K", "'ſ| '|K")]
    public void Words_are_the_published_patterns(string text, string words) => Assert.Equal(words.Split('|'), PreTokenizer.Split(text));

    [Fact]
    public void The_scanner_agrees_with_the_pattern_on_random_text()
    {
        string[] pieces =
        [
            " ", " ", "  ", "\n", "\r", "\r\n", "\t", "\u00A0", "\u2028", "\u3000", "\u0085", "\u200B", "'", "'s", "'LL", "'Ve", "'r", "a", "bc", "É", "e\u0301", "日", "ك",
            "1", "٣", "Ⅷ", "½", ".", "!?", "_", "$", "—", "\U0001F600", "\U0001F468\u200D\U0001F469", "\U0001D400", "\U0001D7D8", "\U00010348", "\uD83D", "\uDE00", "\0", "\x1F", "\x7F",
        ];
        var random = new Random(11);
        for (var round = 0; round < 20_000; round++)
        {
            var text = string.Concat(Enumerable.Range(0, random.Next(1, 14)).Select(_ => pieces[random.Next(pieces.Length)]));
            Assert.Equal(ByPattern(text), PreTokenizer.Split(text));
        }
    }

    /// <summary>
    /// .NET's expressions see UTF-16 units, the published pattern sees characters: one outside the basic plane is replaced by one of the same
    /// class (letter, number or other) inside it.
    /// </summary>
    private static List<string> ByPattern(string text)
    {
        var shape = new StringBuilder();
        var units = new List<string>();
        for (var i = 0; i < text.Length; i += units[^1].Length)
        {
            units.Add(text.Substring(i, char.IsSurrogatePair(text, i) ? 2 : 1));
            shape.Append(!char.IsSurrogate(text[i]) ? text[i] : CharUnicodeInfo.GetUnicodeCategory(text, i) switch
            {
                <= UnicodeCategory.OtherLetter => 'a',
                UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => '0',
                _ => '.',
            });
        }
        return [.. Regex.Matches(shape.ToString(), PreTokenizer.Pattern, RegexOptions.CultureInvariant)
            .Select(match => string.Concat(units.GetRange(match.Index, match.Length)))];
    }
}
