using Tpo.Shared.Media;

namespace Tpo.Shared.Preferences;

/// <summary>
/// Where a localized pair is made ("irrelevant information" in the paper's third version): the query is about one segment;
/// the chosen answer comes from frames of that segment alone, the rejected one from the video without it.
/// </summary>
public static class LocalizedPairs
{
    /// <summary>A frame this close to the segment could still show what the query is about: max(1 s, 5 % of the segment).</summary>
    public static double GuardBandSeconds(TimeSpanSeconds segment) => Math.Max(1.0, 0.05 * segment.Length);

    /// <summary>A rejected view of less than this is no video to be wrong about.</summary>
    private const double LeastSecondsLeft = 1;

    /// <summary>Adds both views of every segment; a segment with next to nothing left outside its guard band makes no localized pair and is left out.</summary>
    public static IReadOnlyList<PlannedSegment> AddViews(
        IDictionary<string, FramePlan> frames, VideoAsset video, IReadOnlyList<TimeSpanSeconds> spans, TpoSettings settings)
    {
        var (segments, clock) = (new List<PlannedSegment>(), video.Clock());
        foreach (var span in spans)
        {
            var guard = GuardBandSeconds(span);
            var secondsLeft = Math.Max(0, span.Start - guard) + Math.Max(0, video.DurationSeconds - span.End - guard);
            if (secondsLeft < LeastSecondsLeft)
                continue;
            var segment = new PlannedSegment(segments.Count, span, guard);
            frames[Views.Segment(segment.Index)] = FramePlanner.Segment(span, clock, settings.FramesPerSegment);
            frames[Views.WithoutSegment(segment.Index)] = FramePlanner.WithoutSegment(span, guard, clock, settings.FramesPerVideo);
            segments.Add(segment);
        }
        return segments;
    }

    /// <summary>One candidate a localized query: its two answers, and the captions on both sides of the guard band.</summary>
    public static IEnumerable<Candidate> Candidates(CaptionedVideo video, WrittenQueries written, IReadOnlyDictionary<string, ViewAnswers> answers) =>
        from query in written.Queries
        where query.Kind == PairKind.Localized
        let segment = video.Segments[query.Segment!.Value]
        select new Candidate(
            query, segment,
            answers[Views.Segment(segment.Index)].For(query),
            answers[Views.WithoutSegment(segment.Index)].For(query),
            video.Inside(segment),
            video.Outside(segment));
}
