using System.Text.Json.Serialization;
using Tpo.Shared.Media;

namespace Tpo.Shared.Preferences;

/// <summary>Names of the views of one video. A view is the set of frames that the frozen model sees when it answers.</summary>
public static class Views
{
    public const string Whole = "whole";
    public const string Sparse = "sparse";
    public static string Segment(int index) => $"segment-{index}";
    public static string WithoutSegment(int index) => $"without-segment-{index}";
}

/// <summary>A segment that localized queries are asked about.</summary>
/// <param name="GuardBandSeconds">left out on both sides of the segment in the rejected view</param>
public sealed record PlannedSegment(int Index, TimeSpanSeconds Span, double GuardBandSeconds)
{
    /// <summary>
    /// What is said while it is shown, from subtitles. It is carried for people who read pairs; no question is made of it, since the model that is tuned sees and does not hear.
    /// </summary>
    public IReadOnlyList<SubtitleCue> Said { get; init; } = [];
}

/// <summary>
/// All decisions about one video before any model runs: its segments, every view's frames, and the exact model. Made once, so that
/// whatever is killed or raced afterwards, the same frames meet the same weights. Blob: <see cref="CurationBlobs.Plan"/>.
/// </summary>
public sealed record CurationPlan
{
    public int SchemaVersion { get; init; } = 1;
    public required string VideoId { get; init; }
    public required string ModelId { get; init; }
    public required string ModelRevision { get; init; }
    /// <summary>How the model's frames become pixels. Plans that do not say are older than the choice.</summary>
    public string Preprocess { get; init; } = ImageRecipe.ScaledByFFmpeg;
    /// <summary>Version of the subtitle file that was read; null = there was none.</summary>
    public string? SubtitlesETag { get; init; }
    public required int Seed { get; init; }
    public required int SparseFrames { get; init; }
    /// <summary>Times in seconds at which a new shot begins.</summary>
    public required IReadOnlyList<double> Cuts { get; init; }
    public required IReadOnlyList<PlannedSegment> Segments { get; init; }
    /// <summary>Segments that show nothing to ask about.</summary>
    public IReadOnlyList<DroppedSegment> DroppedSegments { get; init; } = [];
    public required IReadOnlyDictionary<string, FramePlan> Frames { get; init; }

    /// <summary>The views that get captions, in order: the whole, then every segment.</summary>
    public static IReadOnlyList<string> CaptionedViews(int segments) => [Views.Whole, .. Enumerable.Range(0, segments).Select(Views.Segment)];

    /// <summary>The views that answer queries, in order: chosen and rejected of every segment, then of the whole.</summary>
    [JsonIgnore]
    public IReadOnlyList<string> AnsweredViews =>
        [.. Segments.SelectMany(segment => new[] { Views.Segment(segment.Index), Views.WithoutSegment(segment.Index) }), Views.Whole, Views.Sparse];

    /// <summary>Plans a probed video with these shots.</summary>
    /// <param name="said">the video's subtitles, where it has any</param>
    public static CurationPlan Make(
        VideoAsset video, ShotScan scan, IReadOnlyList<SubtitleCue> said, string modelId, string modelRevision, TpoSettings settings)
    {
        var (good, dropped) = SegmentFilter.Split(SegmentPlanner.All(scan.Cuts, video.DurationSeconds), scan.Looks, ShotDetector.FramesPerSecond);
        var spans = SegmentPlanner.Choose(good, settings.Seed, settings.SegmentsPerVideo);
        var frames = new SortedDictionary<string, FramePlan>(StringComparer.Ordinal);
        ComprehensivePairs.AddViews(frames, video, settings);
        var segments = LocalizedPairs.AddViews(frames, video, spans, settings);
        return new CurationPlan
        {
            VideoId = video.VideoId,
            ModelId = modelId,
            ModelRevision = modelRevision,
            Seed = settings.Seed,
            SparseFrames = frames[Views.Sparse].Indices.Length,
            Cuts = scan.Cuts,
            Segments = [.. segments.Select(segment => segment with { Said = [.. said.Where(cue => cue.Span.Start < segment.Span.End && cue.Span.End > segment.Span.Start)] })],
            DroppedSegments = dropped,
            Frames = frames,
        };
    }
}
