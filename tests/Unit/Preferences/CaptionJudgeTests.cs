using Tpo.Shared.Preferences.Hygiene;
using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Local;

namespace Tpo.Tests.Unit.Preferences;

public sealed class CaptionJudgeTests
{
    private static readonly string[] InOrder =
        ["a red star at the left", "a red star at the left", "a blue ring at the top", "a blue ring at the top", "a green cross at the center", "a green cross at the center"];

    [Fact]
    public async Task A_right_answer_against_a_wrong_one_is_kept() => Assert.Null(await ReasonAsync(Made.Candidate()));

    [Fact]
    public async Task The_right_answer_on_the_rejected_side_is_no_pair() =>
        Assert.Equal("rejected-better", await ReasonAsync(Made.Candidate(chosen: "The star is blue.", rejected: "The star is red.")));

    [Fact]
    public async Task Two_answers_that_are_as_right_as_each_other_are_equal() =>
        Assert.Equal("equally", await ReasonAsync(Made.Candidate(chosen: "The bright star is red.", rejected: "The big star is red.")));

    [Fact]
    public async Task An_answer_that_states_what_no_caption_shows_contradicts() =>
        Assert.Equal("contradicts", await ReasonAsync(Made.Candidate(chosen: "The star is green.", reference: "The star is green.", rejected: "A ring.")));

    [Fact]
    public async Task A_wrong_place_contradicts() =>
        Assert.Equal("contradicts", await ReasonAsync(Made.Candidate(
            query: "Where is the red star?", reference: "The red star is at the right.", chosen: "The red star is at the right.", rejected: "It is pink.")));

    [Fact]
    public async Task A_cue_that_also_shows_elsewhere_makes_the_question_ambiguous() =>
        Assert.Equal("ambiguous", await ReasonAsync(Made.Candidate(elsewhere: ["a green star at the top"])));

    [Fact]
    public async Task Two_colours_that_the_evidence_states_twice_each_make_it_ambiguous() =>
        Assert.Equal("ambiguous", await ReasonAsync(Made.Candidate(
            evidence: ["a red star at the left", "a red star at the left", "a blue star at the left", "a blue star at the left"], rejected: "It is pink.")));

    [Fact]
    public async Task One_slip_of_the_captioner_does_not() =>
        Assert.Null(await ReasonAsync(Made.Candidate(evidence: ["a red star at the left", "a red star at the left", "a blue star at the left"], rejected: "It is pink.")));

    [Fact]
    public async Task What_follows_a_thing_that_comes_twice_is_ambiguous() =>
        Assert.Equal("ambiguous", await ReasonAsync(Made.Candidate(
            query: "What comes right after the red star?", reference: "A blue ring.", chosen: "A blue ring.", rejected: "A green cross.",
            evidence: [.. InOrder, "a red star at the left", "a red star at the left"], elsewhere: [])));

    [Fact]
    public async Task A_question_outside_the_scene_language_might_have_any_answer() =>
        Assert.Equal("ambiguous", await ReasonAsync(Made.Candidate(query: "Why is the star red?")));

    [Fact]
    public async Task A_better_answer_that_lacks_too_much_is_incorrect() =>
        Assert.Equal("incorrect", await ReasonAsync(Made.Candidate(
            query: SceneLanguage.ListInOrder, reference: "A red star, then a blue ring, then a green cross.",
            chosen: "A red star.", rejected: "It is pink.", evidence: InOrder, elsewhere: [])));

    [Fact]
    public async Task A_list_in_the_wrong_order_is_not_correct() =>
        Assert.Equal("incorrect", await ReasonAsync(Made.Candidate(
            query: SceneLanguage.ListInOrder, reference: "A red star, then a blue ring, then a green cross.",
            chosen: "A green cross, then a red star, then a blue ring.", rejected: "A green cross.", evidence: InOrder, elsewhere: [])));

    [Theory]
    [InlineData("The star is red.", "red star")]
    [InlineData("A red star, then a blue ring.", "red star|blue ring")]
    [InlineData("The red star is at the left.", "red star@left")]
    [InlineData("a man rides a bicycle", "")]
    public void Claims_are_the_things_and_the_place_that_an_answer_states(string answer, string claims)
    {
        var read = SceneClaims.Of(answer);
        Assert.Equal(claims, string.Join('|', read.Things) + (read.Place is null ? "" : "@" + read.Place));
    }

    [Theory]
    [InlineData("The star is red.", "The star is red.", 1)]
    [InlineData("The star is blue.", "The star is red.", 0.5)]
    [InlineData("A red star.", "A blue ring.", 0)]
    [InlineData("", "A blue ring.", 0)]
    public void Overlap_counts_content_words_alone(string text, string reference, double f1) => Assert.Equal(f1, ContentWords.F1(text, reference), 6);

    private static async Task<string?> ReasonAsync(Candidate candidate) => (await PairFilter.JudgeAsync(candidate, new CaptionJudge(), CancellationToken.None)).Reason;
}
