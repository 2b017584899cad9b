using System.Text;

namespace Tpo.Shared.Benchmarks;

/// <summary>Comma-separated rows after RFC 4180: a quoted field may hold commas, line ends and doubled quotes. Empty lines are no rows.</summary>
internal static class CsvRows
{
    /// <exception cref="FormatException">A quoted field has no end.</exception>
    public static IEnumerable<IReadOnlyList<string>> Read(string text) => ReadWithLines(text).Select(row => row.Row);

    /// <returns>each row with the line in which it begins</returns>
    /// <exception cref="FormatException">A quoted field has no end.</exception>
    public static IEnumerable<(int Line, IReadOnlyList<string> Row)> ReadWithLines(string text)
    {
        var place = text.StartsWith('\uFEFF') ? 1 : 0;
        for (int line = 1, start = place; place < text.Length; line += text.AsSpan(start, Math.Min(place, text.Length) - start).Count('\n'), start = place)
        {
            List<string> row = [Field(text, ref place)];
            while (place < text.Length && text[place] == ',')
            {
                place++;
                row.Add(Field(text, ref place));
            }
            place++;
            if (row is not [""])
                yield return (line, row);
        }
    }

    private static string Field(string text, ref int place) =>
        place < text.Length && text[place] == '"' ? Quoted(text, ref place) + Plain(text, ref place) : Plain(text, ref place);

    private static string Plain(string text, ref int place)
    {
        var length = text.AsSpan(place).IndexOfAny(',', '\n');
        var end = length < 0 ? text.Length : place + length;
        var field = text[place..end];
        place = end;
        return field.TrimEnd('\r');
    }

    private static string Quoted(string text, ref int place)
    {
        var (start, field) = (place, new StringBuilder());
        for (place++; place < text.Length; place++)
        {
            if (text[place] == '"' && text.AsSpan(place + 1) is not ['"', ..])
            {
                place++;
                return field.ToString();
            }
            field.Append(text[place]);
            if (text[place] == '"')
                place++;
        }
        throw new FormatException($"the quoted field that begins in line {text.AsSpan(0, start).Count('\n') + 1} has no end");
    }
}
