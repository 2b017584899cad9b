using Tpo.Shared.Media;
using Tpo.Shared.Storage;

namespace Tpo.Shared.Preferences;

/// <summary>What the judge read of a pair's video.</summary>
/// <param name="Captions">of the frames that the query is about</param>
/// <param name="Elsewhere">of the rest of the video, beyond the guard band; empty for a comprehensive pair</param>
public sealed record PairEvidence(string PairId, IReadOnlyList<FrameCaption> Captions, IReadOnlyList<FrameCaption> Elsewhere)
{
    /// <summary>What is said meanwhile, from subtitles.</summary>
    public IReadOnlyList<SubtitleCue> Said { get; init; } = [];

    /// <summary>Read from the curation that made the pair; null where a later one with another plan has replaced it.</summary>
    public static async Task<PairEvidence?> ReadAsync(TpoStorage storage, PreferencePair pair, CancellationToken cancellation)
    {
        var manifest = await storage.ReadJsonAsync<CurationManifest>(Containers.Curation, CurationBlobs.Manifest(pair.VideoId), cancellation);
        var plan = await storage.ReadJsonAsync<CurationPlan>(Containers.Curation, manifest.Plan, cancellation);
        var views = new List<ViewCaptions>();
        foreach (var blob in manifest.Captions)
            views.Add(await storage.ReadJsonAsync<ViewCaptions>(Containers.Curation, blob, cancellation));
        var video = CaptionedVideo.Of(plan, views.ToDictionary(view => view.View));
        if (pair.Segment is not { } span)
            return new PairEvidence(pair.PairId, video.All, []);
        return plan.Segments.FirstOrDefault(segment => segment.Span == span) is { } segment
            ? new PairEvidence(pair.PairId, video.Inside(segment), video.Outside(segment)) { Said = segment.Said }
            : null;
    }
}
