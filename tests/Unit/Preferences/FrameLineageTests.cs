using Tpo.Shared.Media;
using Tpo.Shared.Preferences;

namespace Tpo.Tests.Unit.Preferences;

public sealed class FrameLineageTests
{
    private static readonly CurationPlan Plan = Made.Plan();

    private static SeenFrames Seen(string view, string video = "0123abcd", string preprocess = "p", byte shade = 0) => SeenFrames.Of(
        video, preprocess, Plan.Frames[view].Indices.Select(index => new RgbFrame(1, 1, [(byte)index, shade, 0], index, index / 10.0)));

    private static ViewCaptions Captions(string view, SeenFrames? seen) => new() { VideoId = "0123abcd", View = view, PromptId = "c", Captions = [], Cost = Cost.None, Seen = seen };

    private static ViewAnswers Answers(string view, SeenFrames? seen) => new()
    {
        VideoId = "0123abcd", View = view, ModelId = "m", ModelRevision = "r", Preprocess = "p", Decoding = "greedy", Answers = [], Seen = seen,
    };

    private static string? Fault(IEnumerable<ViewCaptions> captions, IEnumerable<ViewAnswers> answers) =>
        Record.Exception(() => FrameLineage.Require(Plan, captions, answers))?.Message;

    [Fact]
    public void Views_of_one_video_that_agree_pass() =>
        Assert.Null(Fault([Captions(Views.Whole, Seen(Views.Whole))], [Answers(Views.Whole, Seen(Views.Whole)), Answers(Views.Sparse, Seen(Views.Sparse))]));

    [Fact]
    public void Frames_of_another_file_are_named() =>
        Assert.Contains("made from another video, feed", Fault([], [Answers(Views.Whole, Seen(Views.Whole, video: "feed"))]));

    [Fact]
    public void Other_frames_than_planned_are_named() => Assert.Contains("other frames than planned", Fault([Captions(Views.Whole, Seen(Views.Sparse))], []));

    [Fact]
    public void Other_pixels_of_the_same_frame_are_named() => Assert.Contains(
        "answers of view 'sparse' of video 0123abcd saw another frame 0 than the captions of view 'whole'",
        Fault([Captions(Views.Whole, Seen(Views.Whole))], [Answers(Views.Sparse, Seen(Views.Sparse, shade: 1))]));

    [Fact]
    public void Pixels_made_in_another_way_are_not_compared() =>
        Assert.Null(Fault([Captions(Views.Whole, Seen(Views.Whole, preprocess: "theirs", shade: 1))], [Answers(Views.Sparse, Seen(Views.Sparse))]));

    [Fact]
    public void What_does_not_say_what_it_saw_is_not_trusted() => Assert.Contains("do not say which frames", Fault([Captions(Views.Whole, null)], []));
}
