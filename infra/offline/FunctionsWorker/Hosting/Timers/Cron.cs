using System.Globalization;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// An NCRONTAB expression: {second} {minute} {hour} {day} {month} {day of week}, or five fields with second 0. A field is `*` or a list of
/// values, ranges `a-b` and steps `*/n`, `a-b/n`; months and days also by their first three letters, Sunday is 0 or 7. All fields must match.
/// </summary>
internal sealed class Cron
{
    private static readonly string[] months = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"];
    private static readonly string[] days = ["sun", "mon", "tue", "wed", "thu", "fri", "sat"];
    private const int YearsAhead = 30; // a 29 February on a given weekday comes within 28 years

    private readonly bool[] second, minute, hour, day, month, weekday;

    private Cron(bool[][] fields) =>
        (second, minute, hour, day, month, weekday) = (fields[0], fields[1], fields[2], fields[3], fields[4], fields[5]);

    public static Cron Parse(string text)
    {
        var fields = text.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        if (fields.Length == 5)
            fields = ["0", .. fields];
        if (fields.Length != 6)
            throw new FormatException($"'{text}' has {fields.Length} fields; an NCRONTAB schedule has six: second minute hour day month day-of-week.");
        return new Cron([
            Field(fields[0], "second", 0, 59), Field(fields[1], "minute", 0, 59), Field(fields[2], "hour", 0, 23),
            Field(fields[3], "day", 1, 31), Field(fields[4], "month", 1, 12, months, 1), Weekday(fields[5])]);
    }

    /// <summary>The first time after <paramref name="after"/> (a wall clock's) that matches; null where none ever does (30 February).</summary>
    public DateTime? Next(DateTime after)
    {
        var t = new DateTime(after.Ticks - after.Ticks % TimeSpan.TicksPerSecond, after.Kind).AddSeconds(1);
        var end = t.AddYears(YearsAhead);
        while (t < end)
        {
            if (!month[t.Month])
                t = new DateTime(t.Year, t.Month, 1, 0, 0, 0, t.Kind).AddMonths(1);
            else if (!day[t.Day] || !weekday[(int)t.DayOfWeek])
                t = t.Date.AddDays(1);
            else if (!hour[t.Hour])
                t = t.Date.AddHours(t.Hour + 1);
            else if (!minute[t.Minute])
                t = t.Date.AddHours(t.Hour).AddMinutes(t.Minute + 1);
            else if (!second[t.Second])
                t = t.AddSeconds(1);
            else
                return t;
        }
        return null;
    }

    private static bool[] Weekday(string text)
    {
        var set = Field(text, "day of week", 0, 7, days, 0);
        set[0] |= set[7];
        return set;
    }

    private static bool[] Field(string text, string name, int low, int high, string[]? names = null, int firstName = 0)
    {
        var set = new bool[high + 1];
        foreach (var item in text.Split(','))
        {
            var (range, step) = item.Split('/') switch
            {
                [var all] => (all, 1),
                [var some, var by] when int.TryParse(by, NumberStyles.None, CultureInfo.InvariantCulture, out var n) && n > 0 => (some, n),
                _ => throw Wrong(),
            };
            var (from, to) = range == "*" ? (low, high) : range.Split('-') switch
            {
                [var one] => (Value(one), item.Contains('/') ? high : Value(one)),
                [var first, var last] => (Value(first), Value(last)),
                _ => throw Wrong(),
            };
            if (from > to)
                throw Wrong();
            for (var value = from; value <= to; value += step)
                set[value] = true;
        }
        return set;

        int Value(string value)
        {
            var named = names is null ? -1 : Array.FindIndex(names, n => n.Equals(value, StringComparison.OrdinalIgnoreCase));
            if (named >= 0)
                return named + firstName;
            return int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= low && number <= high
                ? number
                : throw Wrong();
        }

        FormatException Wrong() => new($"'{text}' is not a valid {name} of an NCRONTAB schedule ({low}-{high}, lists, ranges, steps).");
    }
}
