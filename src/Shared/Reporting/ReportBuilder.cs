using Tpo.Shared.Benchmarks;

namespace Tpo.Shared.Reporting;

/// <summary>
/// Scores stored answers. Pure. A question counts where both models answered it; where one did not, it is an error with its reason and in no
/// figure. Raw texts are read anew, so a better parser needs no new answers.
/// </summary>
public static class ReportBuilder
{
    public const string Unparsed = "none";

    /// <param name="answers">all stored lines of both models, in any order</param>
    /// <exception cref="InvalidDataException">No question was answered by both models.</exception>
    public static BenchmarkReport Build(BenchmarkPlan plan, IEnumerable<StoredAnswer> answers, DateTimeOffset createdAt)
    {
        var stored = answers.ToDictionary(answer => (answer.ModelId, answer.QuestionId));
        var errors = plan.Questions.SelectMany(question => plan.Models.Select(model => Error(question, model, stored))).OfType<ItemError>().ToList();
        var failed = errors.Select(error => error.QuestionId).ToHashSet(StringComparer.Ordinal);
        Scored[] scored = [.. plan.Questions.Where(q => !failed.Contains(q.Id)).Select(q => new Scored(q, Give(q, plan.Models[0], stored), Give(q, plan.Models[1], stored)))];
        if (scored.Length == 0)
            throw new InvalidDataException($"No question was answered by both models; the first reason: {errors[0].Reason}");

        var difference = Statistics.PairedDifference(Differences(scored), plan.Seed);
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
            Result = new BenchmarkResult(
                Score(plan.Models[0], scored, s => s.Base, plan.Seed), Score(plan.Models[1], scored, s => s.Tuned, plan.Seed), difference,
                Statistics.Gate(difference, plan.GateMargin), scored.Length, Videos(scored), failed.Count),
            Groups = [.. Groups(scored, plan.Seed)],
            Floors = FloorsOf(scored),
            Letters = [.. Letters(scored)],
            Errors = errors,
            Answers = [.. scored.Select(s => new AnsweredQuestion(s.Question.Id, s.Question.VideoId, s.Question.Question, s.Question.Gold, s.Base, s.Tuned))],
        };
    }

    private sealed record Scored(BenchmarkQuestion Question, GivenAnswer Base, GivenAnswer Tuned);

    private static ItemError? Error(BenchmarkQuestion question, PlannedModel model, Dictionary<(string, string), StoredAnswer> stored) =>
        !stored.TryGetValue((model.ModelId, question.Id), out var answer)
            ? new ItemError(question.Id, question.VideoId, model.ModelId, "There is no stored answer.")
            : answer.Error is not null || answer.Raw is null
                ? new ItemError(question.Id, question.VideoId, model.ModelId, answer.Error ?? "The stored answer has no text.")
                : null;

    private static GivenAnswer Give(BenchmarkQuestion question, PlannedModel model, Dictionary<(string, string), StoredAnswer> stored)
    {
        var raw = stored[(model.ModelId, question.Id)].Raw!;
        var letter = LongVideoBench.Parse(raw);
        return new GivenAnswer(letter, letter == question.Gold, raw, ReportBlobs.Answers(".", model.ModelId, question.VideoId)[2..]);
    }

    private static ModelScore Score(PlannedModel model, Scored[] scored, Func<Scored, GivenAnswer> side, int seed)
    {
        var interval = Statistics.Mean([.. scored.Select(s => new Observation(s.Question.VideoId, side(s).Right ? 1 : 0))], seed, 0, 1);
        return new ModelScore(
            model.ModelId, interval.Mean, interval.Low, interval.High,
            scored.Count(s => side(s).Right), scored.Length, scored.Count(s => side(s).Letter is null));
    }

    private static Observation[] Differences(IEnumerable<Scored> scored) =>
        [.. scored.Select(s => new Observation(s.Question.VideoId, (s.Tuned.Right ? 1 : 0) - (s.Base.Right ? 1 : 0)))];

    private static IEnumerable<GroupRow> Groups(Scored[] scored, int seed) =>
        from member in scored.SelectMany(s => s.Question.Groups.Select(name => (Name: name, Scored: s)))
        group member.Scored by member.Name into members
        orderby members.Key.Kind, members.Key.Name.PadLeft(8)
        select new GroupRow(
            members.Key.Kind, members.Key.Name, members.Count(), Videos(members), members.Average(s => s.Base.Right ? 1.0 : 0),
            members.Average(s => s.Tuned.Right ? 1.0 : 0), Statistics.PairedDifference(Differences(members), seed));

    private static Floors FloorsOf(Scored[] scored)
    {
        var majority = scored.GroupBy(s => s.Question.Gold).OrderByDescending(g => g.Count()).ThenBy(g => g.Key, StringComparer.Ordinal).First();
        return new Floors(scored.Average(s => 1.0 / s.Question.Options), majority.Key, (double)majority.Count() / scored.Length);
    }

    private static IEnumerable<LetterRow> Letters(Scored[] scored) =>
        from letter in new[] { "A", "B", "C", "D", "E", Unparsed }
        let row = new LetterRow(
            letter, scored.Count(s => s.Question.Gold == letter), scored.Count(s => (s.Base.Letter ?? Unparsed) == letter),
            scored.Count(s => (s.Tuned.Letter ?? Unparsed) == letter))
        where row.Gold + row.Base + row.Tuned > 0
        select row;

    private static int Videos(IEnumerable<Scored> scored) => scored.Select(s => s.Question.VideoId).Distinct().Count();
}
