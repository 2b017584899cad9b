using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Reporting;

/// <summary>What both models said to one question.</summary>
internal sealed record PairedAnswer(BenchmarkQuestion Question, GivenAnswer Base, GivenAnswer Tuned);

/// <summary>What counts as one for both models: a question, or the questions of a unit, with the credit that the protocol gives each model, 0 to 1.</summary>
/// <param name="Question">the first of them: its groups are the item's</param>
/// <param name="Videos">the videos that it asks about, by their bytes where those are known: one that two tasks of a suite ask about is one</param>
/// <param name="Cluster">items of one cluster share a video, directly or through others, so that they are not independent</param>
/// <param name="BaseBlind">what the base gets without the video; null where that was not asked or failed</param>
/// <param name="VideoSeconds">how long its video is; null where that is not stored</param>
/// <param name="Evidence">where in the video its evidence lies, 0 to 1; null where the annotations do not say</param>
internal sealed record PairedItem(
    BenchmarkQuestion Question, IReadOnlyList<BenchmarkQuestion> Parts, IReadOnlyList<string> Videos, string Cluster, ItemScore Base, ItemScore Tuned, double? BaseBlind, double? TunedBlind,
    double? VideoSeconds, double? Evidence);

internal sealed record ItemScore(double Credit, bool IsUnparsed)
{
    public bool Right => Credit == 1;
}

/// <summary>
/// The one place where stored answers become what statistics count. A question counts where both models answered it; where one did not, it is an error with
/// its reason, and its whole unit is in no figure. Nor is a question in any that only a judge can score and none has, or that the protocol leaves out. Raw
/// texts are read anew, so a better parser needs no new answers.
/// </summary>
internal sealed class ScoredQuestions
{
    private readonly BenchmarkPlan _plan;
    private readonly BenchmarkProtocol _protocol;
    private readonly IReadOnlyDictionary<string, Judgements> _judgements;
    private readonly Dictionary<(string Model, string Question, bool Blind), StoredAnswer> _stored;

    /// <param name="answers">all stored lines of both models, in any order</param>
    /// <param name="judgements">what a judge said, by model</param>
    public ScoredQuestions(BenchmarkPlan plan, IEnumerable<StoredAnswer> answers, IReadOnlyDictionary<string, Judgements> judgements)
    {
        (_plan, _judgements) = (plan, judgements);
        (Benchmark, _protocol) = plan.Rules();
        _stored = answers.ToDictionary(answer => (answer.ModelId, answer.QuestionId, answer.WithoutVideo == true));
        Errors = [.. plan.Questions.SelectMany(question => plan.Models.Select(model => ErrorOf(question, model))).OfType<ItemError>()];
        var failed = Errors.Select(error => error.QuestionId).ToHashSet(StringComparer.Ordinal);
        Failed = failed.Count;
        var units = plan.Questions.GroupBy(UnitOf, StringComparer.Ordinal).Where(unit => !unit.Any(question => failed.Contains(question.Id))).Select(unit => unit.ToList()).ToList();
        Answered = [.. units.SelectMany(unit => unit)];
        Answers = [.. plan.Questions.Where(question => !failed.Contains(question.Id)).Select(question => new PairedAnswer(question, Give(question, 0), Give(question, 1)))];
        var clusters = Clusters(units.ConvertAll(unit => unit.ConvertAll(VideoOf)));
        Items = [.. units.Select(unit => Score(unit, clusters[VideoOf(unit[0])])).OfType<PairedItem>()];
    }

    public Benchmark Benchmark { get; }
    public IReadOnlyList<ItemError> Errors { get; }
    /// <summary>How many questions at least one model did not answer.</summary>
    public int Failed { get; }
    /// <summary>The questions of whole units that both models answered.</summary>
    public IReadOnlyList<BenchmarkQuestion> Answered { get; }
    public IReadOnlyList<PairedAnswer> Answers { get; }
    public IReadOnlyList<PairedItem> Items { get; }
    public int Unjudged { get; private set; }
    public int LeftOut { get; private set; }

    /// <summary>The protocol's own figures of both models, on the same questions.</summary>
    public IReadOnlyList<PairedFigure> Figures() =>
    [
        .. Figures(0).Zip(Figures(1), (a, b) => new PairedFigure(a.Name, a.Value, b.Value, a.Why ?? b.Why)),
    ];

    public static Observation[] Differences(IEnumerable<PairedItem> items) => [.. items.Select(item => new Observation(item.Cluster, item.Tuned.Credit - item.Base.Credit))];

    private IReadOnlyList<ScoreFigure> Figures(int side)
    {
        var model = _plan.Models[side].ModelId;
        var raws = Answered.ToDictionary(question => question.Id, question => _stored[(model, question.Id, false)].Raw!, StringComparer.Ordinal);
        return BenchmarkScorer.Score(Benchmark, _protocol, Answered, raws, _judgements.GetValueOrDefault(model)).Figures;
    }

    private PairedItem? Score(IReadOnlyList<BenchmarkQuestion> unit, string cluster)
    {
        ScoredItem? Of(int side, bool blind)
        {
            var parts = unit.Select(question => new ScoredQuestion(question, Reading(question, side, blind))).ToList();
            return parts.Any(part => part.Reading is null) ? null : Tally.Items(parts).SingleOrDefault();
        }

        var (own, other) = (Of(0, false), Of(1, false));
        if (own is null || other is null)
            LeftOut += unit.Count;
        else if (own.Credit is null || other.Credit is null)
            Unjudged += unit.Count;
        if (own is not { Credit: { } ownCredit } || other is not { Credit: { } otherCredit })
            return null;
        var line = _stored[(_plan.Models[0].ModelId, unit[0].Id, false)];
        return new PairedItem(
            unit[0], unit, [.. unit.Select(VideoOf).Distinct()], cluster, new ItemScore(ownCredit, own.IsUnparsed), new ItemScore(otherCredit, other.IsUnparsed),
            Of(0, true)?.Credit, Of(1, true)?.Credit, line.VideoSeconds, EvidenceOf(unit[0], line));
    }

    private Reading? Reading(BenchmarkQuestion question, int side, bool blind) =>
        _stored.TryGetValue((_plan.Models[side].ModelId, question.Id, blind), out var answer) && answer.Raw is { } raw
            ? BenchmarkScorer.Read(_protocol, question, raw, blind ? null : _judgements.GetValueOrDefault(_plan.Models[side].ModelId)) : null;

    private double? EvidenceOf(BenchmarkQuestion question, StoredAnswer line)
    {
        double? place = line.VideoFrames is > 0 && _plan.EvidenceFrames?.TryGetValue(question.Id, out var frame) == true ? frame / line.VideoFrames
            : question.Moments is { Count: > 0 } moments && line.VideoSeconds is > 0 ? moments.Average(moment => (moment.Start + moment.End) / 2) / line.VideoSeconds : null;
        return place is { } share ? Math.Clamp(share, 0, 1) : null;
    }

    private ItemError? ErrorOf(BenchmarkQuestion question, PlannedModel model) =>
        !_stored.TryGetValue((model.ModelId, question.Id, false), out var answer)
            ? new ItemError(question.Id, question.VideoId, model.ModelId, "There is no stored answer.")
            : answer.Error is not null || answer.Raw is null
                ? new ItemError(question.Id, question.VideoId, model.ModelId, answer.Error ?? "The stored answer has no text.")
                : null;

    private GivenAnswer Give(BenchmarkQuestion question, int side)
    {
        var (model, reading) = (_plan.Models[side].ModelId, Reading(question, side, blind: false)!);
        return new GivenAnswer(
            reading.Said, reading.Credit == 1, _stored[(model, question.Id, false)].Raw!, ReportBlobs.Answers(".", model, question.VideoId)[2..]) { Credit = reading.Credit };
    }

    private static string UnitOf(BenchmarkQuestion question) => question.Unit ?? question.Id;

    private string VideoOf(BenchmarkQuestion question) => _stored[(_plan.Models[0].ModelId, question.Id, false)].VideoSha256 ?? question.VideoId;

    /// <summary>By video the name of its cluster: videos that a unit asks about together are one, however long the chain.</summary>
    private static Dictionary<string, string> Clusters(IReadOnlyList<IReadOnlyList<string>> units)
    {
        var parent = units.SelectMany(unit => unit).Distinct().ToDictionary(video => video, video => video, StringComparer.Ordinal);
        string Root(string video) => parent[video] == video ? video : parent[video] = Root(parent[video]);
        foreach (var unit in units)
            foreach (var video in unit)
            {
                var (first, other) = (Root(unit[0]), Root(video));
                // The lesser name stands for both, whatever the order of the units.
                parent[string.CompareOrdinal(first, other) < 0 ? other : first] = string.CompareOrdinal(first, other) < 0 ? first : other;
            }
        return parent.Keys.ToDictionary(video => video, Root, StringComparer.Ordinal);
    }
}
