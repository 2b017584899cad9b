using Azure;
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
        if (video.SubtitleBlob is { } blob && await TryReadAsync(blob, cancellation) is { } beside)
            return beside;
        return new Subtitles(
            video.EmbeddedSubtitles ? await new EmbeddedSubtitles(settings).ReadAsync(await files.GetAsync(video, cancellation), cancellation) : [], null);
    }

    private async Task<Subtitles?> TryReadAsync(string blob, CancellationToken cancellation)
    {
        try
        {
            var response = await storage.Container(Containers.Videos).GetBlobClient(blob).DownloadContentAsync(cancellation);
            return new Subtitles(SubtitleReader.Parse(response.Value.Content.ToString()), CurationStarter.Version(response.Value.Details.ETag));
        }
        catch (RequestFailedException e) when (e.Status == 404)
        {
            return null;
        }
    }
}
