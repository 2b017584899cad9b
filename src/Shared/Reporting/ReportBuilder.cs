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
    /// <param name="judgements">what a judge said of answers that no rule can read, by model; null = there is none</param>
    /// <exception cref="InvalidDataException">No question was answered by both models.</exception>
    public static BenchmarkReport Build(
        BenchmarkPlan plan, IEnumerable<StoredAnswer> answers, DateTimeOffset createdAt, IEnumerable<BenchmarkRun>? earlier = null,
        IReadOnlyDictionary<string, Judgements>? judgements = null)
    {
        var lines = answers.ToList();
        var questions = new ScoredQuestions(plan, lines, judgements ?? new Dictionary<string, Judgements>());
        var items = questions.Items;
        if (items.Count == 0)
            throw new InvalidDataException(questions.Errors is [var first, ..]
                ? $"No question was answered by both models; the first reason: {first.Reason}"
                : $"No answer can be scored: {questions.Unjudged} need a judge (a text model, settings Tpo__Models__Text__*, or another protocol), {questions.LeftOut} are left out by the protocol.");

        var figures = questions.Figures();
        var difference = PairedDifference.Of(ScoredQuestions.Differences(items));
        var gate = Gate.Of(difference, plan.GateMargin);
        var result = new BenchmarkResult(
            Score(plan.Models[0], items, item => item.Base), Score(plan.Models[1], items, item => item.Tuned), difference, gate, items.Count, Videos(items), questions.Failed)
        {
            GateMargin = plan.GateMargin,
            QuestionsToDecide = gate == Gate.Inconclusive ? Gate.QuestionsToDecide(difference, plan.GateMargin) : null,
            Headline = figures.Count > 0 ? figures[0] : null,
            Unjudged = questions.Unjudged,
            LeftOut = questions.LeftOut,
        };
        return new BenchmarkReport
        {
            RunId = plan.RunId,
            Suite = plan.Suite,
            SuiteSha256 = plan.SuiteSha256,
            Protocol = plan.Protocol,
            Judge = judgements?.Values.FirstOrDefault()?.JudgeId,
            PromptSha256 = plan.PromptSha256,
            Preprocess = plan.Preprocess,
            Frames = plan.Frames,
            Seed = plan.Seed,
            GateMargin = plan.GateMargin,
            CreatedAt = createdAt,
            Models = plan.Models,
            Result = result,
            Figures = figures,
            Groups = ReportGroups.Of(items),
            Floors = FloorsOf(items),
            TextOnly = [.. TextOnly(result, items)],
            Letters = [.. Letters(questions.Answers)],
            Published = PublishedFigures.For(plan),
            Speed = [.. plan.Models.Select(model => SpeedRow.Of(model.ModelId, lines)).OfType<SpeedRow>()],
            Asked = [.. plan.Models.Select(model => Asked(model.ModelId, lines))],
            Nights = [.. Trend.Of(earlier ?? [], plan, createdAt, result)],
            Errors = questions.Errors,
            Answers = [.. questions.Answers.Select(s => new AnsweredQuestion(s.Question.Id, s.Question.VideoId, s.Question.Question, s.Question.Gold, s.Base, s.Tuned))],
        };
    }

    private static AskedRow Asked(string model, IReadOnlyList<StoredAnswer> lines)
    {
        var own = lines.Where(line => line.ModelId == model && line.WithoutVideo != true).ToList();
        return new AskedRow(model, own.Select(line => line.TokensPerFrame).FirstOrDefault(tokens => tokens is not null), own.Count(line => line.Truncated == true));
    }

    private static ModelScore Score(PlannedModel model, IReadOnlyList<PairedItem> items, Func<PairedItem, ItemScore> side)
    {
        var interval = ReportGroups.Shares(items, item => side(item).Credit);
        return new ModelScore(
            model.ModelId, interval.Mean, interval.Low, interval.High, items.Count(item => side(item).Right), items.Count, items.Count(item => side(item).IsUnparsed));
    }

    /// <summary>Of a unit all questions must be right: the shares of guessing multiply, and one constant answer must be right to all.</summary>
    private static Floors FloorsOf(IReadOnlyList<PairedItem> items)
    {
        var random = items.Average(item => item.Parts.Aggregate(1.0, (share, part) => part.Options > 0 ? share / part.Options : 0));
        var majority = items.SelectMany(item => item.Parts).Where(part => part.Options > 0).GroupBy(part => part.Gold)
            .OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).FirstOrDefault()?.Key ?? Unparsed;
        var moments = items.SelectMany(item => item.Parts).Where(part => part is { Task: NextGqaGrounding.Task, Moments: not null, Duration: not null })
            .Select(part => (part.Duration!.Value, part.Moments!)).ToList();
        return new Floors(random, majority, items.Average(item => item.Parts.All(part => part.Options > 0 && part.Gold == majority) ? 1.0 : 0))
        {
            Grounding = moments.Count > 0 ? GroundingFloors.Of(moments) : null,
        };
    }

    private static IEnumerable<TextOnlyRow> TextOnly(BenchmarkResult result, IReadOnlyList<PairedItem> items)
    {
        var sides = new (ModelScore Score, Func<PairedItem, ItemScore> Seeing, Func<PairedItem, double?> Blind)[]
            { (result.Base, item => item.Base, item => item.BaseBlind), (result.Tuned, item => item.Tuned, item => item.TunedBlind) };
        foreach (var (score, seeing, blind) in sides)
        {
            if (items.Where(item => blind(item) is not null).ToList() is not { Count: > 0 } both)
                continue;
            var alone = ReportGroups.Shares(both, item => blind(item)!.Value);
            var adds = PairedDifference.Of([.. both.Select(item => new Observation(item.Cluster, seeing(item).Credit - blind(item)!.Value))]);
            yield return new TextOnlyRow(score.ModelId, both.Count, alone.Mean, alone.Low, alone.High, adds, NotAbove: score.Low <= alone.Mean);
        }
    }

    /// <summary>What is right and what is said where there are options: letters, yes and no.</summary>
    private static IEnumerable<LetterRow> Letters(IReadOnlyList<PairedAnswer> answers)
    {
        var offered = answers.Where(answer => answer.Question.Options > 0).ToList();
        var names = offered.SelectMany(answer => new[] { answer.Question.Gold, answer.Base.Letter, answer.Tuned.Letter }).OfType<string>().Distinct().Order(StringComparer.Ordinal);
        return names.Append(Unparsed).Select(name => new LetterRow(
            name, offered.Count(answer => answer.Question.Gold == name), offered.Count(answer => (answer.Base.Letter ?? Unparsed) == name),
            offered.Count(answer => (answer.Tuned.Letter ?? Unparsed) == name))).Where(row => row.Gold + row.Base + row.Tuned > 0);
    }

    private static int Videos(IEnumerable<PairedItem> items) => items.SelectMany(item => item.Videos).Distinct().Count();
}
