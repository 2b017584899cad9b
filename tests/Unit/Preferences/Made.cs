using Tpo.Shared.Media;
using Tpo.Shared.Preferences;

namespace Tpo.Tests.Unit.Preferences;

/// <summary>Small captioned videos and candidates, written out so that a test shows all it depends on.</summary>
internal static class Made
{
    /// <summary>Scenes of ten seconds with hard cuts between them, every one a segment; captions every two seconds in the whole, every 2.5 s in a segment.</summary>
    public static CaptionedVideo Video(params string[] captions)
    {
        var segments = captions.Select((_, i) =>
        {
            var span = new TimeSpanSeconds(10 * i, 10 * i + 10);
            return new PlannedSegment(i, span, LocalizedPairs.GuardBandSeconds(span));
        }).ToList();
        string At(double time) => captions[(int)(time / 10)];
        FrameCaption Caption(double time) => new((int)(time * 10), time, At(time));
        return new CaptionedVideo(
            "made", [.. segments.Skip(1).Select(segment => segment.Span.Start)], segments,
            [.. Enumerable.Range(0, captions.Length * 5).Select(i => Caption(2 * i))],
            [.. segments.Select(segment => (IReadOnlyList<FrameCaption>)[.. Enumerable.Range(0, 4).Select(i => Caption(segment.Span.Start + 2.5 * i))])]);
    }

    /// <summary>The same video with some captions replaced, by frame index.</summary>
    public static CaptionedVideo Replace(this CaptionedVideo video, Func<FrameCaption, string> text)
    {
        IReadOnlyList<FrameCaption> Of(IEnumerable<FrameCaption> captions) => [.. captions.Select(caption => caption with { Text = text(caption) })];
        return video with { Whole = Of(video.Whole), OfSegments = [.. video.OfSegments.Select(Of)] };
    }

    public static IReadOnlyList<FrameCaption> Captions(params string[] texts) => [.. texts.Select((text, i) => new FrameCaption(i, i, text))];

    public static Candidate Candidate(
        string query = "What colour is the star?", string reference = "The star is red.", string chosen = "The star is red.", string rejected = "The star is blue.",
        string[]? evidence = null, string[]? elsewhere = null, bool chosenTruncated = false, bool rejectedTruncated = false) => new(
        new Query("segment-0/x", PairKind.Localized, 0, query, QueryTypes.Object, reference),
        new PlannedSegment(0, new TimeSpanSeconds(0, 10), 1),
        new RecordedAnswer("segment-0/x", chosen, chosenTruncated, new Cost(1, 10, 5)),
        new RecordedAnswer("segment-0/x", rejected, rejectedTruncated, new Cost(2, 20, 6)),
        Captions(evidence ?? ["a red star at the left", "a red star at the left", "a red star at the left"]),
        Captions(elsewhere ?? ["a blue ring at the top", "a blue ring at the top"]));

    public static CurationPlan Plan() => new()
    {
        VideoId = "0123abcd", ModelId = "tpo-nano", ModelRevision = "rev", Seed = 7, SparseFrames = 2, Cuts = [],
        Segments = [new PlannedSegment(0, new TimeSpanSeconds(0, 10), 1)],
        Frames = new Dictionary<string, FramePlan>
        {
            [Views.Whole] = new("whole", [0, 50, 100, 150], [0, 5, 10, 15]),
            [Views.Sparse] = new("sparse", [0, 100], [0, 10]),
            [Views.Segment(0)] = new("segment", [0, 99], [0, 9.9]),
            [Views.WithoutSegment(0)] = new("without-segment", [110, 150], [11, 15]),
        },
    };

    public static PreferencePair Pair(PairKind kind, int number)
    {
        var candidate = Candidate();
        return (candidate with { Query = candidate.Query with { Kind = kind, Text = $"Question {number}?" } })
            .ToPair(new Verdict("Yes", "No", "Yes", "No", "judge"), Plan(), "a.mp4", "preprocess", new Dictionary<string, string>());
    }
}
