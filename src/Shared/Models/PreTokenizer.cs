using System.Globalization;

namespace Tpo.Shared.Models;

/// <summary>
/// Cuts text into the words that merges never cross, by the pattern published with Qwen2. Written out by hand: one look at each character,
/// no allocation, and characters outside the basic plane are one character (the pattern's view) and not two (UTF-16's).
/// </summary>
public static class PreTokenizer
{
    /// <summary>The pattern as the files spell it; <see cref="End"/> does what it says, and a test compares the two.</summary>
    public const string Pattern =
        @"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+";

    private enum Kind : byte { Other, Letter, Number, Space, LineBreak }

    private static readonly Kind[] KindOfUnit = CreateKinds();

    /// <summary>Where the word that begins at `start` ends. Words follow each other without gaps, so the end is the next one's start.</summary>
    public static int End(ReadOnlySpan<char> text, int start)
    {
        if (text[start] == '\'' && Contraction(text, start) is var contraction and > 0)
            return contraction;
        var kind = KindAt(text, start, out var next);
        if (kind == Kind.Letter || (kind is Kind.Other or Kind.Space && IsAt(text, next, Kind.Letter)))
            return Run(text, next, Kind.Letter);
        if (kind == Kind.Number)
            return next;
        if (kind == Kind.Other || (text[start] == ' ' && IsAt(text, next, Kind.Other)))
        {
            var end = Run(text, next, Kind.Other);
            return Run(text, end, Kind.LineBreak);
        }
        return Blank(text, start);
    }

    /// <summary>All words of the text, in order.</summary>
    public static List<string> Split(string text)
    {
        var words = new List<string>();
        for (int start = 0, end; start < text.Length; start = end)
        {
            end = End(text, start);
            words.Add(text[start..end]);
        }
        return words;
    }

    /// <summary>`\s*[\r\n]+|\s+(?!\S)|\s+`: up to the last line break of the blank run; without one, all of it but the space that the next word takes.</summary>
    private static int Blank(ReadOnlySpan<char> text, int start)
    {
        var (end, lastBreak) = (start, -1);
        for (; end < text.Length && KindOfUnit[text[end]] is Kind.Space or Kind.LineBreak; end++)
        {
            if (KindOfUnit[text[end]] == Kind.LineBreak)
                lastBreak = end;
        }
        if (lastBreak >= 0)
            return lastBreak + 1;
        return end == text.Length || end == start + 1 ? end : end - 1;
    }

    /// <summary>The end of `'s`, `'re` and their like, or 0. Case folds as Unicode says, so the long ſ is an s.</summary>
    private static int Contraction(ReadOnlySpan<char> text, int start)
    {
        var first = start + 1 < text.Length ? (char)(text[start + 1] | 0x20) : '\0';
        if (first is 's' or 't' or 'm' or 'd' && char.IsAscii(text[start + 1]) || (start + 1 < text.Length && text[start + 1] == 'ſ'))
            return start + 2;
        if (start + 2 >= text.Length || !char.IsAscii(text[start + 1]) || !char.IsAscii(text[start + 2]))
            return 0;
        var second = (char)(text[start + 2] | 0x20);
        return (first, second) is ('r', 'e') or ('v', 'e') or ('l', 'l') ? start + 3 : 0;
    }

    private static int Run(ReadOnlySpan<char> text, int at, Kind kind)
    {
        while (at < text.Length && KindAt(text, at, out var next) == kind)
            at = next;
        return at;
    }

    private static bool IsAt(ReadOnlySpan<char> text, int at, Kind kind) => at < text.Length && KindAt(text, at, out _) == kind;

    private static Kind KindAt(ReadOnlySpan<char> text, int at, out int next)
    {
        var unit = text[at];
        next = at + 1;
        if (!char.IsHighSurrogate(unit) || next == text.Length || !char.IsLowSurrogate(text[next]))
            return KindOfUnit[unit];
        return KindOf(CharUnicodeInfo.GetUnicodeCategory(char.ConvertToUtf32(unit, text[next++])));
    }

    private static Kind[] CreateKinds()
    {
        var kinds = new Kind[char.MaxValue + 1];
        for (var unit = 0; unit < kinds.Length; unit++)
            kinds[unit] = (char)unit is '\r' or '\n' ? Kind.LineBreak
                : char.IsWhiteSpace((char)unit) ? Kind.Space
                : KindOf(CharUnicodeInfo.GetUnicodeCategory((char)unit));
        return kinds;
    }

    private static Kind KindOf(UnicodeCategory category) => category switch
    {
        <= UnicodeCategory.OtherLetter => Kind.Letter,
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.LetterNumber or UnicodeCategory.OtherNumber => Kind.Number,
        _ => Kind.Other,
    };
}
