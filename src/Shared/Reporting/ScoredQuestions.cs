using Tpo.Shared.Benchmarks;
using Tpo.Shared.Benchmarks.Statistics;

namespace Tpo.Shared.Reporting;

/// <summary>One question that both models answered, as statistics take it.</summary>
/// <param name="BaseBlind">what the base says without the video; null where that was not asked or failed</param>
/// <param name="VideoSeconds">how long its video is; null where that is not stored</param>
/// <param name="Evidence">where in the video its evidence lies, 0 to 1; null where the annotations do not say</param>
internal sealed record ScoredQuestion(
    BenchmarkQuestion Question, GivenAnswer Base, GivenAnswer Tuned, GivenAnswer? BaseBlind, GivenAnswer? TunedBlind, double? VideoSeconds, double? Evidence)
{
    public string VideoId => Question.VideoId;
    public int Change => (Tuned.Right ? 1 : 0) - (Base.Right ? 1 : 0);
}

/// <summary>
/// The one place where stored answers become what statistics count. A question counts where both models answered it; where one did not, it is an error with
/// its reason and in no figure. Raw texts are read anew, so a better parser needs no new answers.
/// </summary>
internal sealed class ScoredQuestions
{
    private readonly BenchmarkPlan _plan;
    private readonly Dictionary<(string Model, string Question, bool Blind), StoredAnswer> _stored;

    /// <param name="answers">all stored lines of both models, in any order</param>
    public ScoredQuestions(BenchmarkPlan plan, IEnumerable<StoredAnswer> answers)
    {
        _plan = plan;
        _stored = answers.ToDictionary(answer => (answer.ModelId, answer.QuestionId, answer.WithoutVideo == true));
        Errors = [.. plan.Questions.SelectMany(question => plan.Models.Select(model => ErrorOf(question, model))).OfType<ItemError>()];
        var failed = Errors.Select(error => error.QuestionId).ToHashSet(StringComparer.Ordinal);
        Failed = failed.Count;
        All = [.. plan.Questions.Where(question => !failed.Contains(question.Id)).Select(Score)];
    }

    public IReadOnlyList<ItemError> Errors { get; }
    /// <summary>How many questions are in no figure.</summary>
    public int Failed { get; }
    public IReadOnlyList<ScoredQuestion> All { get; }

    public static Observation[] Differences(IEnumerable<ScoredQuestion> scored) => [.. scored.Select(s => new Observation(s.VideoId, s.Change))];

    private ScoredQuestion Score(BenchmarkQuestion question)
    {
        var line = _stored[(_plan.Models[0].ModelId, question.Id, false)];
        double? evidence = line.VideoFrames is > 0 && _plan.EvidenceFrames?.TryGetValue(question.Id, out var frame) == true
            ? Math.Clamp(frame / line.VideoFrames.Value, 0, 1) : null;
        return new ScoredQuestion(
            question, Give(question, _plan.Models[0]), Give(question, _plan.Models[1]), TryGiveBlind(question, _plan.Models[0]), TryGiveBlind(question, _plan.Models[1]),
            line.VideoSeconds, evidence);
    }

    private ItemError? ErrorOf(BenchmarkQuestion question, PlannedModel model) =>
        !_stored.TryGetValue((model.ModelId, question.Id, false), out var answer)
            ? new ItemError(question.Id, question.VideoId, model.ModelId, "There is no stored answer.")
            : answer.Error is not null || answer.Raw is null
                ? new ItemError(question.Id, question.VideoId, model.ModelId, answer.Error ?? "The stored answer has no text.")
                : null;

    private GivenAnswer Give(BenchmarkQuestion question, PlannedModel model) =>
        Read(question, _stored[(model.ModelId, question.Id, false)].Raw!, model.ModelId);

    private GivenAnswer? TryGiveBlind(BenchmarkQuestion question, PlannedModel model) =>
        _stored.TryGetValue((model.ModelId, question.Id, true), out var answer) && answer.Raw is { } raw
            ? Read(question, raw, ReportBlobs.TextOnly(model.ModelId)) : null;

    private static GivenAnswer Read(BenchmarkQuestion question, string raw, string folder)
    {
        var letter = LongVideoBench.Parse(raw);
        return new GivenAnswer(letter, letter == question.Gold, raw, ReportBlobs.Answers(".", folder, question.VideoId)[2..]);
    }
}
