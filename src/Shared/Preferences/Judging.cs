using Tpo.Shared.Preferences.Hygiene;

namespace Tpo.Shared.Preferences;

/// <summary>What a judge reads: text only, never a frame.</summary>
/// <param name="Captions">of the frames the query is about</param>
/// <param name="Elsewhere">of the rest of the video; another valid answer may hide there</param>
public sealed record JudgeCase(
    string Query, IReadOnlyList<FrameCaption> Captions, IReadOnlyList<FrameCaption> Elsewhere, string ReferenceAnswer, string Answer1, string Answer2)
{
    public JudgeCase Swapped => this with { Answer1 = Answer2, Answer2 = Answer1 };
}

/// <summary>A judge's answers to the paper's three tasks, in its order.</summary>
/// <param name="Better">task 1, is answer 1 better than answer 2: Yes, No or Equally</param>
/// <param name="Contradicts">task 2, does answer 1 contradict the captions, or could the query have another valid answer: Yes or No</param>
/// <param name="Correct">task 3, is answer 1 correct: Yes or No</param>
/// <param name="Because">where task 2 is Yes: <see cref="RejectionReasons.Contradicts"/> or <see cref="RejectionReasons.Ambiguous"/></param>
public sealed record JudgeReply(string Better, string Contradicts, string Correct, string? Because = null);

/// <summary>Compares two answers by captions and reference. Deterministic: asked twice, it says the same.</summary>
public interface IJudge
{
    /// <summary>Name, version and content hash of the prompt or rules, and the model where there is one.</summary>
    string Id { get; }

    /// <summary>All three tasks; null where the reply cannot be read.</summary>
    Task<JudgeReply?> AskAsync(JudgeCase judged, CancellationToken cancellation);

    /// <summary>Task 1 alone; null where the reply cannot be read.</summary>
    Task<string?> AskBetterAsync(JudgeCase judged, CancellationToken cancellation);
}

/// <summary>Why a candidate is no pair: stable words, counted in every funnel.</summary>
public static class RejectionReasons
{
    public const string Empty = "empty";
    public const string Truncated = "truncated";
    public const string IdenticalAnswers = "identical-answers";
    public const string EquivalentAnswers = "equivalent-answers";
    public const string Refusal = "refusal";
    public const string CueRecurs = "cue-recurs";
    public const string Malformed = "malformed";
    public const string Equally = "equally";
    public const string RejectedBetter = "rejected-better";
    public const string Contradicts = "contradicts";
    public const string Ambiguous = "ambiguous";
    public const string Incorrect = "incorrect";
    public const string SwappedDisagrees = "swapped-disagrees";
}

/// <summary>
/// The paper's filter: a pair is kept where the judge says (Yes, No, Yes), and No when it compares the same two answers in the other order
/// (tasks 2 and 3 concern one answer alone and are not swapped). Whatever else it says is a reason, never a doubt in the pair's favour.
/// </summary>
public static class PairFilter
{
    /// <summary>Rises when the same answers of the same judge may end otherwise: judged pairs are stored under it.</summary>
    public const string Version = "filter@2";
    private const string NotAsked = "-";

    public static async Task<Verdict> JudgeAsync(Candidate candidate, IJudge judge, CancellationToken cancellation)
    {
        if (UnfitFor(candidate) is { } unfit)
            return new Verdict(NotAsked, NotAsked, NotAsked, NotAsked, judge.Id) { Reason = unfit };

        var asked = new JudgeCase(
            candidate.Query.Text, candidate.Evidence, candidate.Elsewhere, candidate.Query.ReferenceAnswer, candidate.Chosen.Text, candidate.Rejected.Text);
        var reply = await judge.AskAsync(asked, cancellation);
        if (reply is null)
            return new Verdict(NotAsked, NotAsked, NotAsked, NotAsked, judge.Id) { Reason = RejectionReasons.Malformed };
        if (ReasonOf(reply) is { } reason)
            return new Verdict(reply.Better, reply.Contradicts, reply.Correct, NotAsked, judge.Id) { Reason = reason };

        var swapped = await judge.AskBetterAsync(asked.Swapped, cancellation);
        var verdict = new Verdict(reply.Better, reply.Contradicts, reply.Correct, swapped ?? NotAsked, judge.Id);
        return verdict.Keep ? verdict : verdict with { Reason = swapped is null ? RejectionReasons.Malformed : RejectionReasons.SwappedDisagrees };
    }

    /// <summary>What another judge says of a candidate that a judge has decided; null where none had to be asked, or it is the same.</summary>
    public static async Task<SecondOpinion?> SecondOpinionAsync(Candidate candidate, Verdict first, IJudge second, CancellationToken cancellation)
    {
        if (second.Id == first.JudgeId || UnfitFor(candidate) is not null)
            return null;
        var verdict = await JudgeAsync(candidate, second, cancellation);
        return new SecondOpinion(second.Id, verdict.Keep, verdict.Reason);
    }

    /// <summary>What makes two answers no pair before any judge is asked.</summary>
    private static string? UnfitFor(Candidate candidate) => candidate switch
    {
        _ when string.IsNullOrWhiteSpace(candidate.Chosen.Text) || string.IsNullOrWhiteSpace(candidate.Rejected.Text) => RejectionReasons.Empty,
        { Chosen.Truncated: true } or { Rejected.Truncated: true } => RejectionReasons.Truncated,
        _ when string.Equals(candidate.Chosen.Text.Trim(), candidate.Rejected.Text.Trim(), StringComparison.OrdinalIgnoreCase) =>
            RejectionReasons.IdenticalAnswers,
        _ when EquivalentAnswers.Are(candidate.Chosen.Text, candidate.Rejected.Text) => RejectionReasons.EquivalentAnswers,
        _ when Refusals.Is(candidate.Chosen.Text) || Refusals.Is(candidate.Rejected.Text) => RejectionReasons.Refusal,
        _ when candidate.Segment is not null && CueRecurs(candidate) => RejectionReasons.CueRecurs,
        _ => null,
    };

    /// <summary>
    /// Does the caption that the question is about (of the segment's, the one that shares most with question and reference) come again beyond the guard
    /// band? Then the rejected view shows what was asked for, and its answer may be as good.
    /// </summary>
    private static bool CueRecurs(Candidate candidate)
    {
        var about = $"{candidate.Query.Text} {candidate.Query.ReferenceAnswer}";
        var cue = candidate.Evidence.MaxBy(caption => ContentWords.F1(caption.Text, about));
        return cue is not null && candidate.Elsewhere.Any(caption => EquivalentAnswers.Are(caption.Text, cue.Text));
    }

    private static string? ReasonOf(JudgeReply reply) => reply switch
    {
        { Better: "Equally" } => RejectionReasons.Equally,
        { Better: not "Yes" } => RejectionReasons.RejectedBetter,
        { Contradicts: not "No" } => reply.Because ?? RejectionReasons.Contradicts,
        { Correct: not "Yes" } => RejectionReasons.Incorrect,
        _ => null,
    };
}
