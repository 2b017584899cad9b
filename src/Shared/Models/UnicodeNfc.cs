using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Tpo.Shared.Models;

/// <summary>
/// Unicode normalization form C. The product runs with invariant globalization (no ICU to install), where
/// <see cref="string.Normalize()"/> returns its input unchanged, so the tokenizer brings its own.
/// </summary>
public static class UnicodeNfc
{
    private const int HangulBase = 0xAC00, LeadBase = 0x1100, VowelBase = 0x1161, TailBase = 0x11A7;
    private const int VowelCount = 21, TailCount = 28, HangulCount = 19 * VowelCount * TailCount;

    private static readonly Tables Data = Tables.Load();

    /// <summary>
    /// Text in which nothing can change comes back as it is. Otherwise only the stretches that can change are rebuilt: each from the last
    /// character with a boundary before it up to the next one.
    /// </summary>
    public static string Normalize(string text)
    {
        var unstable = NextUnstable(text, 0);
        if (unstable == text.Length)
            return text;
        var result = new StringBuilder(text.Length);
        var copied = 0;
        while (unstable < text.Length)
        {
            var start = unstable == copied ? unstable : unstable - (char.IsLowSurrogate(text[unstable - 1]) && unstable - 2 >= copied ? 2 : 1);
            var end = unstable;
            while (end < text.Length && NextUnstable(text, end) == end)
                end += char.IsSurrogatePair(text, end) ? 2 : 1;
            result.Append(text, copied, start - copied);
            Rebuild(text.AsSpan(start, end - start), result);
            copied = end;
            unstable = NextUnstable(text, end);
        }
        return result.Append(text, copied, text.Length - copied).ToString();
    }

    /// <summary>The next character that may change, or may change what stands before it; the text's length where there is none.</summary>
    private static int NextUnstable(string text, int from)
    {
        while (true)
        {
            // Everything below U+0300 is its own normal form.
            var skipped = text.AsSpan(from).IndexOfAnyExceptInRange('\0', '\u02FF');
            if (skipped < 0)
                return text.Length;
            for (from += skipped; from < text.Length && text[from] > '\u02FF'; from++)
            {
                if (char.IsSurrogatePair(text, from))
                {
                    if (Data.Unstable.Contains(char.ConvertToUtf32(text[from], text[from + 1])))
                        return from;
                    from++;
                }
                else if (Data.UnstableUnits[text[from]])
                {
                    return from;
                }
            }
        }
    }

    private static void Rebuild(ReadOnlySpan<char> text, StringBuilder result)
    {
        var codes = new List<int>(text.Length + 8);
        foreach (var rune in text.EnumerateRunes())
            Decompose(rune.Value, codes);
        SortMarks(codes);
        Compose(codes);
        Span<char> units = stackalloc char[2];
        foreach (var code in codes)
            result.Append(units[..new Rune(code).EncodeToUtf16(units)]);
    }

    private static void Decompose(int code, List<int> into)
    {
        var syllable = code - HangulBase;
        if (syllable is >= 0 and < HangulCount)
        {
            into.Add(LeadBase + syllable / (VowelCount * TailCount));
            into.Add(VowelBase + syllable % (VowelCount * TailCount) / TailCount);
            if (syllable % TailCount != 0)
                into.Add(TailBase + syllable % TailCount);
        }
        else if (Data.Decompositions.TryGetValue(code, out var parts))
        {
            Decompose(parts.First, into);
            if (parts.Second != 0)
                into.Add(parts.Second);
        }
        else
        {
            into.Add(code);
        }
    }

    /// <summary>Stable sort of every run of marks by combining class.</summary>
    private static void SortMarks(List<int> codes)
    {
        for (var start = 0; start < codes.Count;)
        {
            var end = start;
            while (end < codes.Count && ClassOf(codes[end]) != 0)
                end++;
            if (end - start > 1)
            {
                var sorted = codes.GetRange(start, end - start).OrderBy(ClassOf).ToList();
                for (var i = 0; i < sorted.Count; i++)
                    codes[start + i] = sorted[i];
            }
            start = end + 1;
        }
    }

    /// <summary>Joins each mark with the last starter before it unless something of the same or a higher class stands between.</summary>
    private static void Compose(List<int> codes)
    {
        int starter = -1, lastClass = 0, kept = 0;
        foreach (var code in codes.ToArray())
        {
            var markClass = ClassOf(code);
            var adjacent = starter >= 0 && kept == starter + 1;
            if (starter >= 0 && (adjacent || (lastClass != 0 && lastClass < markClass)) && Pair(codes[starter], code) is { } joined)
            {
                codes[starter] = joined;
                continue;
            }
            if (markClass == 0)
                starter = kept;
            lastClass = markClass;
            codes[kept++] = code;
        }
        codes.RemoveRange(kept, codes.Count - kept);
    }

    private static int? Pair(int first, int second)
    {
        if (first is >= LeadBase and < LeadBase + 19 && second is >= VowelBase and < VowelBase + VowelCount)
            return HangulBase + ((first - LeadBase) * VowelCount + second - VowelBase) * TailCount;
        if (first is >= HangulBase and < HangulBase + HangulCount && (first - HangulBase) % TailCount == 0
            && second is > TailBase and < TailBase + TailCount)
            return first + second - TailBase;
        return Data.Compositions.TryGetValue((first, second), out var joined) ? joined : null;
    }

    private static int ClassOf(int code) => Data.Classes.GetValueOrDefault(code);

    private sealed record Tables(
        FrozenDictionary<int, int> Classes,
        FrozenDictionary<int, (int First, int Second)> Decompositions,
        FrozenDictionary<(int, int), int> Compositions,
        FrozenSet<int> Unstable,
        bool[] UnstableUnits)
    {
        /// <summary>Reads `UnicodeNfc.txt`, whose first lines say what its lines mean.</summary>
        public static Tables Load()
        {
            var classes = new Dictionary<int, int>();
            var decompositions = new Dictionary<int, (int, int)>();
            var compositions = new Dictionary<(int, int), int>();
            var unstable = new HashSet<int>(Enumerable.Range(VowelBase, VowelCount).Concat(Enumerable.Range(TailBase + 1, TailCount - 1)));
            using var reader = new StreamReader(typeof(UnicodeNfc).Assembly.GetManifestResourceStream("UnicodeNfc.txt")!);
            while (reader.ReadLine() is { } line)
            {
                var parts = line.Split(' ');
                if (parts[0] == "c")
                {
                    var range = parts[2].Split('-');
                    for (var code = Hex(range[0]); code <= Hex(range[^1]); code++)
                    {
                        classes[code] = int.Parse(parts[1], CultureInfo.InvariantCulture);
                        unstable.Add(code);
                    }
                }
                else if (parts[0] is "d" or "s")
                {
                    var pair = (Hex(parts[2]), parts.Length > 3 ? Hex(parts[3]) : 0);
                    decompositions[Hex(parts[1])] = pair;
                    if (parts[0] == "d")
                        compositions[pair] = Hex(parts[1]);
                    unstable.Add(parts[0] == "d" ? pair.Item2 : Hex(parts[1]));
                }
            }
            var units = new bool[char.MaxValue + 1];
            foreach (var code in unstable.Where(code => code <= char.MaxValue))
                units[code] = true;
            return new Tables(classes.ToFrozenDictionary(), decompositions.ToFrozenDictionary(), compositions.ToFrozenDictionary(), unstable.ToFrozenSet(), units);
        }

        private static int Hex(string text) => int.Parse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
    }
}
