using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Preferences;

namespace Tpo.Tests.Unit.Preferences;

public sealed class PairIdTests
{
    [Fact]
    public void An_id_ignores_what_the_work_cost_and_under_which_name_the_video_lies()
    {
        var pair = Made.Pair(PairKind.Localized, 1);
        Assert.Equal(pair.PairId, PairIds.Of(pair with { Cost = new Cost(99, 1, 1), VideoBlob = "b/other.mp4" }));
    }

    [Fact]
    public void Everything_else_changes_the_id()
    {
        var pair = Made.Pair(PairKind.Localized, 1);
        PreferencePair[] others =
        [
            pair with { VideoId = "other" }, pair with { Query = "Other?" }, pair with { Chosen = "Other." }, pair with { Rejected = "Other." },
            pair with { ModelRevision = "other" }, pair with { Seed = 8 }, pair with { Preprocess = "other" }, pair with { GuardBandSeconds = 2 },
            pair with { ChosenPlan = pair.ChosenPlan with { Indices = [1, 2] } }, pair with { Verdict = pair.Verdict with { JudgeId = "other" } },
            pair with { PromptIds = new Dictionary<string, string> { ["query"] = "other" } },
        ];
        Assert.DoesNotContain(pair.PairId, others.Select(PairIds.Of));
        Assert.Equal(others.Length, others.Select(PairIds.Of).Distinct().Count());
    }

    [Fact]
    public void A_pair_read_back_from_its_line_has_its_own_id()
    {
        var pair = Made.Pair(PairKind.Comprehensive, 2);
        var read = JsonSerializer.Deserialize<PreferencePair>(JsonSerializer.Serialize(pair, TpoJson.Options), TpoJson.Options)!;
        Assert.Equal(pair.PairId, PairIds.Of(read));
    }

    [Fact]
    public void A_pair_carries_the_views_of_its_kind()
    {
        var localized = Made.Candidate().ToPair(new Verdict("Yes", "No", "Yes", "No", "j"), Made.Plan(), "a.mp4", "p", new Dictionary<string, string>());
        Assert.Equal(("segment", "without-segment"), (localized.ChosenPlan.View, localized.RejectedPlan.View));
        Assert.Equal((1.0, null), (localized.GuardBandSeconds, localized.SparseFrames));
        var comprehensive = (Made.Candidate() with { Segment = null }).ToPair(localized.Verdict, Made.Plan(), "a.mp4", "p", new Dictionary<string, string>());
        Assert.Equal(("whole", "sparse"), (comprehensive.ChosenPlan.View, comprehensive.RejectedPlan.View));
        Assert.Equal((null, 2), (comprehensive.GuardBandSeconds, comprehensive.SparseFrames));
    }
}
