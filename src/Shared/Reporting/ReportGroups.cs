using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Reporting;

/// <summary>A report's rows by group: what the annotations say, then the video's length and where the evidence lies, in the bins' order.</summary>
internal static class ReportGroups
{
    public static IReadOnlyList<GroupRow> Of(IReadOnlyList<PairedItem> items)
    {
        var named = items.SelectMany(item => item.Question.Groups.Select(name => (name.Kind, name.Name, Item: item)));
        var lengths = items.Where(item => item.VideoSeconds is not null).Select(item => (Kind: ReportBuilder.ByLength, Name: Bins.Length(item.VideoSeconds!.Value), Item: item));
        var evidence = items.Where(item => item.Evidence is not null).Select(item => (Kind: ReportBuilder.ByEvidence, Name: Bins.Evidence(item.Evidence!.Value), Item: item));
        return
        [
            .. Rows(named, group => group.PadLeft(8)),
            .. Rows(lengths, group => $"{Bins.LengthNames.Index().First(name => name.Item == group).Index}"),
            .. Rows(evidence, group => $"{Bins.EvidenceNames.Index().First(name => name.Item == group).Index}"),
        ];
    }

    /// <summary>The mean of one model's credits and its interval.</summary>
    public static Interval Shares(IEnumerable<PairedItem> items, Func<PairedItem, double> credit) =>
        Accuracy.Of([.. items.Select(item => new Observation(item.Cluster, credit(item)))]);

    private static IEnumerable<GroupRow> Rows(IEnumerable<(string Kind, string Name, PairedItem Item)> members, Func<string, string> order) =>
        from member in members
        group member.Item by (member.Kind, member.Name) into rows
        orderby rows.Key.Kind, order(rows.Key.Name)
        let tuned = Shares(rows, item => item.Tuned.Credit)
        select new GroupRow(
            rows.Key.Kind, rows.Key.Name, rows.Count(), rows.SelectMany(item => item.Videos).Distinct().Count(), rows.Average(item => item.Base.Credit), tuned.Mean,
            PairedDifference.Of(ScoredQuestions.Differences(rows))) { TunedLow = tuned.Low, TunedHigh = tuned.High };
}
