using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Reviews;

namespace Tpo.Tests.Unit.Preferences;

public sealed class ReviewTests
{
    private static readonly DateTimeOffset Monday = new(2026, 1, 5, 9, 0, 0, TimeSpan.Zero);
    private readonly PreferencePair _pair = Made.Pair(PairKind.Localized, 1);

    private static PairReview Review(string reviewer, ReviewDecision decision, string pair = "p", bool kept = true, string? chosen = null, int hour = 0) => new()
    {
        PairId = pair, Reviewer = reviewer, Decision = decision, Chosen = chosen, Kept = kept, At = Monday.AddHours(hour),
    };

    [Fact]
    public void A_pair_that_nobody_reviewed_stays_as_it_is_unless_reviewed_ones_are_wanted_alone()
    {
        Assert.Same(_pair, ReviewedPairs.Of(_pair, [], reviewedOnly: false).Pair);
        Assert.Equal("unreviewed", ReviewedPairs.Of(_pair, [], reviewedOnly: true).Reason);
    }

    [Fact]
    public void An_accepted_pair_keeps_its_id_and_names_who_accepted_it()
    {
        var (pair, _) = ReviewedPairs.Of(_pair, [Review("bo", ReviewDecision.Accept), Review("al", ReviewDecision.Accept)], reviewedOnly: true);
        Assert.Equal(_pair.PairId, pair!.PairId);
        Assert.Equal(_pair.PairId, PairIds.Of(pair));
        Assert.Equal(["al", "bo"], pair.Review!.Reviewers);
    }

    [Theory]
    [InlineData(ReviewDecision.Reject, "review-rejected")]
    [InlineData(ReviewDecision.Flag, "review-flagged")]
    public void One_who_doubts_is_enough(ReviewDecision doubt, string reason) =>
        Assert.Equal((null, reason), ReviewedPairs.Of(_pair, [Review("al", ReviewDecision.Accept), Review("bo", doubt)], reviewedOnly: false));

    [Fact]
    public void An_edited_pair_has_the_newest_words_an_id_of_its_own_and_remembers_the_old_one()
    {
        var (pair, _) = ReviewedPairs.Of(
            _pair, [Review("al", ReviewDecision.Edit, chosen: "Newer.", hour: 2), Review("bo", ReviewDecision.Edit, chosen: "Older.", hour: 1)], reviewedOnly: false);
        Assert.Equal(("Newer.", _pair.Rejected, _pair.PairId), (pair!.Chosen, pair.Rejected, pair.Review!.Edited));
        Assert.NotEqual(_pair.PairId, pair.PairId);
        Assert.Equal(pair.PairId, PairIds.Of(pair));
    }

    [Fact]
    public void Agreement_is_counted_over_twos_and_corrected_for_chance()
    {
        // Krippendorff's two-coder example (2011, "Computing Krippendorff's Alpha-Reliability", section A): ten units, binary, α = 0.095.
        int[] one = [0, 1, 0, 0, 0, 0, 0, 0, 1, 0], two = [1, 1, 1, 0, 0, 1, 0, 0, 0, 0];
        var reviews = one.Zip(two).SelectMany((votes, unit) => new[] { Vote("one", votes.First, unit), Vote("two", votes.Second, unit) }).ToList();
        var agreement = ReviewAgreement.Of(reviews);
        Assert.Equal((20, 10, 10), (agreement.Reviews, agreement.Pairs, agreement.ReviewedTwice));
        Assert.Equal(0.6, agreement.Agreement!.Value, 6);
        Assert.Equal(0.095, agreement.Alpha!.Value, 3);

        static PairReview Vote(string who, int vote, int unit) => Review(who, vote == 1 ? ReviewDecision.Accept : ReviewDecision.Reject, $"pair {unit}");
    }

    [Fact]
    public void The_judge_is_measured_by_the_people_who_agree_with_it()
    {
        var agreement = ReviewAgreement.Of(
        [
            Review("al", ReviewDecision.Accept, "a", kept: true), Review("al", ReviewDecision.Reject, "b", kept: true),
            Review("al", ReviewDecision.Edit, "c", kept: false), Review("al", ReviewDecision.Reject, "d", kept: false), Review("al", ReviewDecision.Flag, "e"),
        ]);
        Assert.Equal(0.5, agreement.WithJudge);
        Assert.Null(agreement.Agreement);
        Assert.Null(agreement.Alpha);
    }

    [Fact]
    public void Two_judges_are_compared_on_what_both_judged_and_corrected_for_chance()
    {
        // Cohen's κ by hand: of 50, both keep 20, the first alone 5, the second alone 10, neither 15: p_o = 0.7, p_e = 0.5 · 0.6 + 0.5 · 0.4 = 0.5, κ = 0.4.
        var agreement = JudgeAgreement.Of([.. Entries(20, true, true), .. Entries(5, true, false), .. Entries(10, false, true), .. Entries(15, false, false), .. Entries(9, true, null)]);
        Assert.Equal((50, 20, 25, 30), (agreement.Compared, agreement.KeptByBoth, agreement.KeptByFirst, agreement.KeptBySecond));
        Assert.Equal(0.7, agreement.Agreement!.Value, 9);
        Assert.Equal(0.4, agreement.Kappa!.Value, 9);
        Assert.Equal((0, null, null), (JudgeAgreement.Of([]).Compared, JudgeAgreement.Of([]).Agreement, JudgeAgreement.Of([]).Kappa));

        static IEnumerable<PairEntry> Entries(int count, bool first, bool? second) =>
            Enumerable.Repeat(PairEntry.Of(Made.Pair(PairKind.Localized, 1)) with { Reason = first ? null : "incorrect", KeptBySecond = second }, count);
    }
}
