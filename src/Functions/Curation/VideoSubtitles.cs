using Tpo.Shared;
using Tpo.Shared.Media;
using Tpo.Shared.Storage;

namespace Tpo.Functions.Curation;

/// <summary>What is said in a video: the subtitle file beside it, or else the stream inside it.</summary>
public sealed class VideoSubtitles(TpoStorage storage, VideoFiles files, TpoSettings settings)
{
    public async Task<IReadOnlyList<SubtitleCue>> OfAsync(VideoAsset video, CancellationToken cancellation)
    {
        if (video.SubtitleBlob is { } blob && await storage.TryReadTextAsync(Containers.Videos, blob, cancellation) is { } text)
            return SubtitleReader.Parse(text);
        return video.EmbeddedSubtitles ? await new EmbeddedSubtitles(settings).ReadAsync(await files.GetAsync(video, cancellation), cancellation) : [];
    }
}
