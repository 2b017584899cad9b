using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <param name="ETag">of the subtitle file that they were read from; null = there was none</param>
public sealed record Subtitles(IReadOnlyList<SubtitleCue> Cues, string? ETag);

/// <summary>What is said in a video: the subtitle file beside it, or else the stream inside it.</summary>
public sealed class VideoSubtitles(TpoStorage storage, VideoFiles files, TpoSettings settings)
{
    public async Task<Subtitles> OfAsync(VideoAsset video, CancellationToken cancellation)
    {
        if (video.SubtitleBlob is { } blob && await storage.TryReadVersionAsync(Containers.Videos, blob, cancellation) is var (text, etag))
            return new Subtitles(SubtitleReader.Parse(text), CurationStarter.Version(etag));
        return new Subtitles(
            video.EmbeddedSubtitles ? await new EmbeddedSubtitles(settings).ReadAsync(await files.GetAsync(video, cancellation), cancellation) : [], null);
    }
}
