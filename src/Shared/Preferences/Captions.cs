namespace Tpo.Shared.Preferences;

/// <summary>What the captioner says about one frame, and when in the video that frame stands.</summary>
public sealed record FrameCaption(int Index, double TimeSeconds, string Text)
{
    /// <summary>`[mm:ss] text`, as query writers and judges read it.</summary>
    public override string ToString() => $"[{Clock(TimeSeconds)}] {Text}";

    /// <summary>mm:ss</summary>
    public static string Clock(double seconds) => $"{(int)seconds / 60:00}:{(int)seconds % 60:00}";
}

/// <summary>The captions of one view of one video. Blob: <see cref="CurationBlobs.Captions"/>.</summary>
public sealed record ViewCaptions
{
    public int SchemaVersion { get; init; } = 1;
    public required string VideoId { get; init; }
    public required string View { get; init; }
    public required string PromptId { get; init; }
    public required IReadOnlyList<FrameCaption> Captions { get; init; }
    public required Cost Cost { get; init; }
    /// <summary>null in records written before it was kept</summary>
    public SeenFrames? Seen { get; init; }
}

/// <summary>A planned video with the captions of its whole view and of every segment's view: all that a query writer and a judge know of it.</summary>
/// <param name="Cuts">times in seconds at which a new shot begins</param>
/// <param name="Whole">ascending in time</param>
/// <param name="OfSegments">one list a segment, in the segments' order</param>
public sealed record CaptionedVideo(
    string VideoId, IReadOnlyList<double> Cuts, IReadOnlyList<PlannedSegment> Segments,
    IReadOnlyList<FrameCaption> Whole, IReadOnlyList<IReadOnlyList<FrameCaption>> OfSegments)
{
    /// <param name="views">captions by view name: the whole's and every segment's</param>
    public static CaptionedVideo Of(CurationPlan plan, IReadOnlyDictionary<string, ViewCaptions> views) => new(
        plan.VideoId, plan.Cuts, plan.Segments, views[Views.Whole].Captions,
        [.. plan.Segments.Select(segment => views[Views.Segment(segment.Index)].Captions)]);

    /// <summary>Every captioned frame once, in order of time.</summary>
    public IReadOnlyList<FrameCaption> All => InOrder(OfSegments.SelectMany(captions => captions).Concat(Whole));

    /// <summary>Every captioned frame inside the segment, in order of time.</summary>
    public IReadOnlyList<FrameCaption> Inside(PlannedSegment segment) =>
        InOrder(OfSegments[segment.Index].Concat(All.Where(caption =>
            caption.TimeSeconds >= segment.Span.Start && caption.TimeSeconds < segment.Span.End)));

    /// <summary>Every captioned frame that the rejected view of this segment's queries may show: outside the segment and its guard band.</summary>
    public IReadOnlyList<FrameCaption> Outside(PlannedSegment segment) =>
        [.. All.Where(caption =>
            caption.TimeSeconds < segment.Span.Start - segment.GuardBandSeconds || caption.TimeSeconds >= segment.Span.End + segment.GuardBandSeconds)];

    private static IReadOnlyList<FrameCaption> InOrder(IEnumerable<FrameCaption> captions) =>
        [.. captions.DistinctBy(caption => caption.Index).OrderBy(caption => caption.Index)];
}
