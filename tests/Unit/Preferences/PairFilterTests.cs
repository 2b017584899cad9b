using Tpo.Shared.Preferences;

namespace Tpo.Tests.Unit.Preferences;

public sealed class PairFilterTests
{
    [Theory]
    [InlineData("Yes", "No", "Yes", "No", null)]
    [InlineData("Equally", "No", "Yes", "No", "equally")]
    [InlineData("No", "No", "Yes", "No", "rejected-better")]
    [InlineData("Yes", "Yes", "Yes", "No", "contradicts")]
    [InlineData("Yes", "No", "No", "No", "incorrect")]
    [InlineData("Yes", "No", "Yes", "Yes", "swapped-disagrees")]
    [InlineData("Yes", "No", "Yes", "Equally", "swapped-disagrees")]
    [InlineData("Yes", "No", "Yes", null, "malformed")]
    [InlineData(null, "No", "Yes", "No", "malformed")]
    public async Task Kept_is_only_what_the_judge_answers_Yes_No_Yes_and_No_when_swapped(string? better, string contradicts, string correct, string? swapped, string? reason)
    {
        var judge = new ScriptedJudge(better is null ? null : new JudgeReply(better, contradicts, correct), swapped);
        var verdict = await PairFilter.JudgeAsync(Made.Candidate(), judge, CancellationToken.None);
        Assert.Equal(reason, verdict.Reason);
        Assert.Equal(reason is null, verdict.Keep);
    }

    [Fact]
    public async Task Task_two_says_which_of_its_two_questions_failed()
    {
        var judge = new ScriptedJudge(new JudgeReply("Yes", "Yes", "Yes", RejectionReasons.Ambiguous), "No");
        Assert.Equal("ambiguous", (await PairFilter.JudgeAsync(Made.Candidate(), judge, CancellationToken.None)).Reason);
    }

    [Fact]
    public async Task The_swapped_question_shows_the_same_answers_in_the_other_order()
    {
        var judge = new ScriptedJudge(new JudgeReply("Yes", "No", "Yes"), "No");
        await PairFilter.JudgeAsync(Made.Candidate(), judge, CancellationToken.None);
        Assert.Equal(("The star is red.", "The star is blue."), (judge.Asked!.Answer1, judge.Asked.Answer2));
        Assert.Equal(("The star is blue.", "The star is red."), (judge.AskedSwapped!.Answer1, judge.AskedSwapped.Answer2));
    }

    [Theory]
    [InlineData(" ", "The star is blue.", false, false, "empty")]
    [InlineData("The star is red.", "", false, false, "empty")]
    [InlineData("The star is red.", "The star is blue", false, true, "truncated")]
    [InlineData("The star is red", "The star is blue.", true, false, "truncated")]
    [InlineData("The star is red.", " the star is red. ", false, false, "identical-answers")]
    [InlineData("The star is red.", "A star is red", false, false, "equivalent-answers")]
    [InlineData("The star is red.", "The video does not show a star.", false, false, "refusal")]
    [InlineData("I cannot tell.", "The star is blue.", false, false, "refusal")]
    public async Task What_is_no_pair_of_answers_never_reaches_the_judge(string chosen, string rejected, bool chosenTruncated, bool rejectedTruncated, string reason)
    {
        var judge = new ScriptedJudge(new JudgeReply("Yes", "No", "Yes"), "No");
        var candidate = Made.Candidate(chosen: chosen, rejected: rejected, chosenTruncated: chosenTruncated, rejectedTruncated: rejectedTruncated);
        var verdict = await PairFilter.JudgeAsync(candidate, judge, CancellationToken.None);
        Assert.Equal(reason, verdict.Reason);
        Assert.False(verdict.Keep);
        Assert.Null(judge.Asked);
    }

    [Fact]
    public async Task What_the_segment_shows_and_the_rest_of_the_video_shows_too_makes_no_localized_pair()
    {
        var judge = new ScriptedJudge(new JudgeReply("Yes", "No", "Yes"), "No");
        var candidate = Made.Candidate(evidence: ["a red star at the left", "a pink ring at the top"], elsewhere: ["a blue ring at the top", "A red star at the left."]);
        Assert.Equal("cue-recurs", (await PairFilter.JudgeAsync(candidate, judge, CancellationToken.None)).Reason);
        var another = Made.Candidate(evidence: ["a red star at the left", "a pink ring at the top"], elsewhere: ["a pink ring at the top"]);
        Assert.True((await PairFilter.JudgeAsync(another, judge, CancellationToken.None)).Keep);
        Assert.True((await PairFilter.JudgeAsync(candidate with { Segment = null }, judge, CancellationToken.None)).Keep);
    }

    private sealed class ScriptedJudge(JudgeReply? reply, string? swapped) : IJudge
    {
        public JudgeCase? Asked { get; private set; }
        public JudgeCase? AskedSwapped { get; private set; }
        public string Id => "scripted";

        public Task<JudgeReply?> AskAsync(JudgeCase judged, CancellationToken cancellation)
        {
            Asked = judged;
            return Task.FromResult(reply);
        }

        public Task<string?> AskBetterAsync(JudgeCase judged, CancellationToken cancellation)
        {
            AskedSwapped = judged;
            return Task.FromResult(swapped);
        }
    }
}
