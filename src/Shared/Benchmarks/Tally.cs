namespace Tpo.Shared.Benchmarks;

/// <summary>What counts as one: a question, or the questions of a unit. Its groups are its first question's.</summary>
/// <param name="Credit">0 to 1; null where a judge is missing</param>
public sealed record ScoredItem(BenchmarkQuestion Question, double? Credit, bool IsUnparsed);

/// <summary>How credits become figures.</summary>
public static class Tally
{
    /// <summary>
    /// The answered items. A unit's credit is its least, 0 where a part of it has no answer; one with no answer at all, or that the protocol leaves out,
    /// is no item.
    /// </summary>
    public static IReadOnlyList<ScoredItem> Items(IEnumerable<ScoredQuestion> questions)
    {
        return [.. questions.GroupBy(each => each.Question.Unit ?? each.Question.Id, StringComparer.Ordinal).Select(Item).OfType<ScoredItem>()];

        static ScoredItem? Item(IEnumerable<ScoredQuestion> unit)
        {
            var parts = unit.ToList();
            var read = parts.Select(part => part.Reading).OfType<Reading>().ToList();
            if (read.Count == 0 || read.Any(reading => reading.IsLeftOut))
                return null;
            var credit = read.Count < parts.Count ? 0 : read.Any(reading => reading.Credit is null) ? null : read.Min(reading => reading.Credit);
            return new ScoredItem(parts[0].Question, credit, read.Any(reading => reading is { Said: null, Credit: not null }));
        }
    }

    /// <summary>Mean credit over all judged items; null where there is none.</summary>
    public static double? Pooled(IEnumerable<ScoredItem> items) => Mean(items.Select(item => item.Credit).OfType<double>());

    public static double? Pooled(IEnumerable<ScoredQuestion> questions) => Pooled(Items(questions));

    /// <summary>Mean credit by the name of one kind of group, in order of appearance.</summary>
    public static IReadOnlyList<(string Name, double? Value)> By(IEnumerable<ScoredQuestion> questions, string kind) =>
        [.. Items(questions).Where(item => NameOf(item, kind) is not null).GroupBy(item => NameOf(item, kind)!).Select(group => (group.Key, Pooled(group)))];

    /// <summary>The plain mean of the groups' means, however many questions each has.</summary>
    /// <param name="groups">the divisor where a group without answers counts as 0; null = the groups present</param>
    public static double? MeanOfGroups(IEnumerable<ScoredQuestion> questions, string kind, int? groups = null)
    {
        var means = By(questions, kind).Select(group => group.Value).OfType<double>().ToList();
        return means.Count == 0 ? null : means.Sum() / (groups ?? means.Count);
    }

    public static double? Mean(IEnumerable<double> values)
    {
        var all = values.ToList();
        return all.Count == 0 ? null : all.Average();
    }

    private static string? NameOf(ScoredItem item, string kind) => item.Question.Groups.FirstOrDefault(group => group.Kind == kind)?.Name;
}
