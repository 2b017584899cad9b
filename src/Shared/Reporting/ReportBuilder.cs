using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Reporting;

/// <summary>Makes a run's report of its stored answers. Pure: the same answers give the same report.</summary>
public static class ReportBuilder
{
    public const string Unparsed = "none";
    /// <summary>Kinds of group that every suite has, made here.</summary>
    public const string ByLength = "video length", ByEvidence = "evidence";

    /// <param name="answers">all stored lines of both models, in any order</param>
    /// <param name="earlier">finished runs of the same suite, oldest first, for the trend over nights</param>
    /// <exception cref="InvalidDataException">No question was answered by both models.</exception>
    public static BenchmarkReport Build(BenchmarkPlan plan, IEnumerable<StoredAnswer> answers, DateTimeOffset createdAt, IEnumerable<BenchmarkRun>? earlier = null)
    {
        var lines = answers.ToList();
        var questions = new ScoredQuestions(plan, lines);
        var scored = questions.All;
        if (scored.Count == 0)
            throw new InvalidDataException($"No question was answered by both models; the first reason: {questions.Errors[0].Reason}");

        var difference = PairedDifference.Of(ScoredQuestions.Differences(scored));
        var gate = Gate.Of(difference, plan.GateMargin);
        var result = new BenchmarkResult(
            Score(plan.Models[0], scored, s => s.Base), Score(plan.Models[1], scored, s => s.Tuned), difference, gate, scored.Count, Videos(scored), questions.Failed)
        {
            GateMargin = plan.GateMargin,
            QuestionsToDecide = gate == Gate.Inconclusive ? Gate.QuestionsToDecide(difference, plan.GateMargin) : null,
        };
        return new BenchmarkReport
        {
            RunId = plan.RunId,
            Suite = plan.Suite,
            SuiteSha256 = plan.SuiteSha256,
            Protocol = plan.Protocol,
            PromptSha256 = plan.PromptSha256,
            Preprocess = plan.Preprocess,
            Frames = plan.Frames,
            Seed = plan.Seed,
            GateMargin = plan.GateMargin,
            CreatedAt = createdAt,
            Models = plan.Models,
            Result = result,
            Groups = [.. Groups(scored)],
            Floors = FloorsOf(scored),
            TextOnly = [.. TextOnly(plan, result, scored)],
            Letters = [.. Letters(scored)],
            Published = PublishedFigures.For(plan),
            Speed = [.. plan.Models.Select(model => SpeedRow.Of(model.ModelId, lines)).OfType<SpeedRow>()],
            Nights = [.. Trend.Of(earlier ?? [], plan, createdAt, result)],
            Errors = questions.Errors,
            Answers = [.. scored.Select(s => new AnsweredQuestion(s.Question.Id, s.VideoId, s.Question.Question, s.Question.Gold, s.Base, s.Tuned))],
        };
    }

    private static ModelScore Score(PlannedModel model, IReadOnlyList<ScoredQuestion> scored, Func<ScoredQuestion, GivenAnswer> side)
    {
        var interval = Shares(scored, side);
        return new ModelScore(
            model.ModelId, interval.Mean, interval.Low, interval.High,
            scored.Count(s => side(s).Right), scored.Count, scored.Count(s => side(s).Letter is null));
    }

    private static Interval Shares(IEnumerable<ScoredQuestion> scored, Func<ScoredQuestion, GivenAnswer> side) =>
        Accuracy.Of([.. scored.Select(s => new Observation(s.VideoId, side(s).Right ? 1 : 0))]);

    /// <summary>By what the annotations say, then by the video's length and by where the evidence lies, in the bins' order.</summary>
    private static IEnumerable<GroupRow> Groups(IReadOnlyList<ScoredQuestion> scored)
    {
        var named = scored.SelectMany(s => s.Question.Groups.Select(name => (name.Kind, name.Name, Scored: s)));
        var lengths = scored.Where(s => s.VideoSeconds is not null).Select(s => (Kind: ByLength, Name: Bins.Length(s.VideoSeconds!.Value), Scored: s));
        var evidence = scored.Where(s => s.Evidence is not null).Select(s => (Kind: ByEvidence, Name: Bins.Evidence(s.Evidence!.Value), Scored: s));
        return
        [
            .. Rows(named, group => group.PadLeft(8)),
            .. Rows(lengths, group => $"{Bins.LengthNames.Index().First(name => name.Item == group).Index}"),
            .. Rows(evidence, group => $"{Bins.EvidenceNames.Index().First(name => name.Item == group).Index}"),
        ];
    }

    private static IEnumerable<GroupRow> Rows(IEnumerable<(string Kind, string Name, ScoredQuestion Scored)> members, Func<string, string> order) =>
        from member in members
        group member.Scored by (member.Kind, member.Name) into rows
        orderby rows.Key.Kind, order(rows.Key.Name)
        let tuned = Shares(rows, s => s.Tuned)
        select new GroupRow(
            rows.Key.Kind, rows.Key.Name, rows.Count(), Videos(rows), rows.Average(s => s.Base.Right ? 1.0 : 0), tuned.Mean,
            PairedDifference.Of(ScoredQuestions.Differences(rows))) { TunedLow = tuned.Low, TunedHigh = tuned.High };

    private static Floors FloorsOf(IReadOnlyList<ScoredQuestion> scored)
    {
        var majority = scored.GroupBy(s => s.Question.Gold).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).First();
        return new Floors(scored.Average(s => 1.0 / s.Question.Options), majority.Key, (double)majority.Count() / scored.Count);
    }

    private static IEnumerable<TextOnlyRow> TextOnly(BenchmarkPlan plan, BenchmarkResult result, IReadOnlyList<ScoredQuestion> scored)
    {
        var sides = new (ModelScore Score, Func<ScoredQuestion, GivenAnswer> Seeing, Func<ScoredQuestion, GivenAnswer?> Blind)[]
            { (result.Base, s => s.Base, s => s.BaseBlind), (result.Tuned, s => s.Tuned, s => s.TunedBlind) };
        foreach (var (score, seeing, blind) in sides)
        {
            if (scored.Where(s => blind(s) is not null).ToList() is not { Count: > 0 } both)
                continue;
            var alone = Shares(both, s => blind(s)!);
            var adds = PairedDifference.Of([.. both.Select(s => new Observation(s.VideoId, (seeing(s).Right ? 1 : 0) - (blind(s)!.Right ? 1 : 0)))]);
            yield return new TextOnlyRow(score.ModelId, both.Count, alone.Mean, alone.Low, alone.High, adds, NotAbove: score.Low <= alone.Mean);
        }
    }

    private static IEnumerable<LetterRow> Letters(IReadOnlyList<ScoredQuestion> scored) =>
        from letter in new[] { "A", "B", "C", "D", "E", Unparsed }
        let row = new LetterRow(
            letter, scored.Count(s => s.Question.Gold == letter), scored.Count(s => (s.Base.Letter ?? Unparsed) == letter),
            scored.Count(s => (s.Tuned.Letter ?? Unparsed) == letter))
        where row.Gold + row.Base + row.Tuned > 0
        select row;

    private static int Videos(IEnumerable<ScoredQuestion> scored) => scored.Select(s => s.VideoId).Distinct().Count();
}
