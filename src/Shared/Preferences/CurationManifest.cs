namespace Tpo.Shared.Preferences;

/// <summary>What one curation of one video was made of, and how it went. Blob: <see cref="CurationBlobs.Manifest"/>.</summary>
public sealed record CurationManifest
{
    public int SchemaVersion { get; init; } = 1;
    public required string VideoId { get; init; }
    /// <summary>Names of the blobs of every stage, inside the `curation` container.</summary>
    public required string Plan { get; init; }
    public required IReadOnlyList<string> Captions { get; init; }
    public required string Queries { get; init; }
    public required IReadOnlyList<string> Answers { get; init; }
    public required string Judged { get; init; }
    public required Funnel Funnel { get; init; }
}

/// <summary>How many came in and how many came through: queries = candidates = kept + all rejected.</summary>
public sealed record Funnel
{
    public required int Segments { get; init; }
    /// <summary>Segments that show nothing to ask about, by reason.</summary>
    public IReadOnlyDictionary<string, int> DroppedSegments { get; init; } = new Dictionary<string, int>();
    public required IReadOnlyDictionary<PairKind, int> Queries { get; init; }
    /// <summary>Questions not asked, by the writer's reason.</summary>
    public required IReadOnlyDictionary<string, int> NoQuery { get; init; }
    public required int Candidates { get; init; }
    public required IReadOnlyDictionary<PairKind, int> Kept { get; init; }
    public required IReadOnlyDictionary<string, int> Rejected { get; init; }
    /// <summary>By stage: captions, queries, answers.</summary>
    public required IReadOnlyDictionary<string, Cost> Cost { get; init; }

    public static Funnel Of(
        CurationPlan plan, IEnumerable<ViewCaptions> captions, WrittenQueries written, IEnumerable<ViewAnswers> answers,
        IReadOnlyCollection<PreferencePair> judged) => new()
    {
        Segments = plan.Segments.Count,
        DroppedSegments = Count(plan.DroppedSegments.Select(segment => segment.Reason)),
        Queries = Count(written.Queries.Select(query => query.Kind)),
        NoQuery = Count(written.None.Select(none => none.Reason)),
        Candidates = judged.Count,
        Kept = Count(judged.Where(pair => pair.Verdict.Keep).Select(pair => pair.Kind)),
        Rejected = Count(judged.Where(pair => !pair.Verdict.Keep).Select(pair => pair.Verdict.Reason!)),
        Cost = new Dictionary<string, Cost>
        {
            ["captions"] = Sum(captions.Select(view => view.Cost)),
            ["queries"] = written.Cost,
            ["answers"] = Sum(answers.SelectMany(view => view.Answers).Select(answer => answer.Cost)),
        },
    };

    private static SortedDictionary<TKey, int> Count<TKey>(IEnumerable<TKey> items) where TKey : notnull =>
        new(items.GroupBy(item => item).ToDictionary(group => group.Key, group => group.Count()));

    private static Cost Sum(IEnumerable<Cost> costs) => costs.Aggregate(Preferences.Cost.None, (sum, cost) => sum.Plus(cost));
}
