using Tpo.Shared.Preferences;
using Tpo.Shared.Preferences.Local;

namespace Tpo.Tests.Unit.Preferences;

public sealed class SceneQueryWriterTests
{
    private static readonly string[] ThreeScenes = ["a red star at the left", "a blue ring at the top", "a green cross at the center"];

    [Fact]
    public async Task Every_segment_gets_its_colour_and_its_place_question_with_the_answers_of_its_captions()
    {
        var written = await WriteAsync(Made.Video(ThreeScenes));
        var localized = written.Queries.Where(query => query.Kind == PairKind.Localized).Select(query => (query.Segment, query.Text, query.ReferenceAnswer, query.Type));
        Assert.Equal(
        [
            (0, "What colour is the star?", "The star is red.", QueryTypes.Object),
            (0, "Where is the red star?", "The red star is at the left.", QueryTypes.Spatial),
            (1, "What colour is the ring?", "The ring is blue.", QueryTypes.Object),
            (1, "Where is the blue ring?", "The blue ring is at the top.", QueryTypes.Spatial),
            (2, "What colour is the cross?", "The cross is green.", QueryTypes.Object),
            (2, "Where is the green cross?", "The green cross is at the center.", QueryTypes.Spatial),
        ], localized);
        Assert.Empty(written.None);
    }

    [Fact]
    public async Task The_whole_is_asked_for_its_first_and_last_its_order_and_its_neighbours()
    {
        var written = await WriteAsync(Made.Video(ThreeScenes));
        var comprehensive = written.Queries.Where(query => query.Kind == PairKind.Comprehensive).ToDictionary(query => query.Text, query => query.ReferenceAnswer);
        Assert.Equal(new Dictionary<string, string>
        {
            ["What is shown first?"] = "A red star.",
            ["What is shown last?"] = "A green cross.",
            ["List everything that is shown, in order."] = "A red star, then a blue ring, then a green cross.",
            ["What comes right after the red star?"] = "A blue ring.",
            ["What comes right before the blue ring?"] = "A red star.",
            ["What comes right after the blue ring?"] = "A green cross.",
            ["What comes right before the green cross?"] = "A blue ring.",
        }, comprehensive);
    }

    [Fact]
    public async Task A_shape_that_recurs_beyond_the_guard_band_is_no_cue_but_its_thing_still_is()
    {
        var written = await WriteAsync(Made.Video("a red star at the left", "a blue ring at the top", "a green star at the center"));
        var texts = written.Queries.Select(query => query.Text).ToList();
        Assert.DoesNotContain("What colour is the star?", texts);
        Assert.Contains("Where is the red star?", texts);
        Assert.Equal(2, written.None.Count(none => none.Reason == "shape-recurs"));
    }

    [Fact]
    public async Task A_thing_that_comes_back_is_asked_for_neither_place_nor_neighbour()
    {
        var written = await WriteAsync(Made.Video("a red star at the left", "a blue ring at the top", "a red star at the right"));
        var texts = written.Queries.Select(query => query.Text).ToList();
        Assert.DoesNotContain("Where is the red star?", texts);
        Assert.DoesNotContain("What comes right after the red star?", texts);
        Assert.Contains("What comes right after the blue ring?", texts);
    }

    [Theory]
    [InlineData(10.5, true)]
    [InlineData(11.5, false)]
    public async Task A_cue_may_recur_inside_the_guard_band_and_not_behind_it(double second, bool asked)
    {
        var video = Made.Video(ThreeScenes);
        video = video with { Whole = [.. video.Whole, new FrameCaption(105 + (int)second, second, "a red star at the left")] };
        var texts = (await WriteAsync(video)).Queries.Select(query => query.Text);
        Assert.Equal(asked, texts.Contains("What colour is the star?"));
    }

    [Fact]
    public async Task One_slip_of_the_captioner_changes_no_question()
    {
        var video = Made.Video(ThreeScenes);
        var slipped = video.Replace(caption => caption.Index == 20 ? "a pink circle at the bottom" : caption.Text);
        Assert.Equal((await WriteAsync(video)).Queries, (await WriteAsync(slipped)).Queries);
    }

    [Fact]
    public async Task A_fact_that_only_half_of_the_scenes_frames_state_is_none()
    {
        var video = Made.Video(ThreeScenes);
        var half = video.Replace(caption => caption.TimeSeconds < 10 && caption.Index % 50 != 0 ? "a purple circle at the top" : caption.Text);
        var written = await WriteAsync(half);
        Assert.DoesNotContain(written.Queries, query => query.Segment == 0);
        Assert.Contains(written.None, none => none is { Segment: 0, Reason: "captions-disagree" });
        Assert.DoesNotContain(written.Queries, query => query.Text is SceneLanguage.ShownFirst or SceneLanguage.ListInOrder);
    }

    [Fact]
    public async Task Captions_of_another_world_make_no_query_and_are_counted()
    {
        var written = await WriteAsync(Made.Video("a man rides a bicycle", "a bottle on a table"));
        Assert.Empty(written.Queries);
        Assert.Equal(3, written.None.Count);
        Assert.All(written.None, none => Assert.Equal("captions-disagree", none.Reason));
    }

    [Fact]
    public async Task A_video_of_one_scene_has_no_order_to_ask_for()
    {
        var written = await WriteAsync(Made.Video("a red star at the left", "a red star at the left"));
        Assert.DoesNotContain(written.Queries, query => query.Kind == PairKind.Comprehensive);
        Assert.Contains(written.None, none => none is { Kind: PairKind.Comprehensive, Reason: "one-scene" });
    }

    [Fact]
    public async Task Query_ids_are_unique_and_each_view_gets_the_queries_of_its_kind()
    {
        var written = await WriteAsync(Made.Video(ThreeScenes));
        Assert.Equal(written.Queries.Count, written.Queries.Select(query => query.QueryId).Distinct().Count());
        Assert.Equal(written.For(Views.Segment(1)), written.For(Views.WithoutSegment(1)));
        Assert.Equal(written.For(Views.Whole), written.For(Views.Sparse));
        Assert.Equal(written.Queries.Count, written.For(Views.Whole).Count + Enumerable.Range(0, 3).Sum(i => written.For(Views.Segment(i)).Count));
    }

    private static Task<WrittenQueries> WriteAsync(CaptionedVideo video) => new SceneQueryWriter().WriteAsync(video, seed: 7, CancellationToken.None);
}
