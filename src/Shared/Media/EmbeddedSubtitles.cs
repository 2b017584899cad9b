using System.Text;
using FFMpegCore;
using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace Tpo.Shared.Media;

/// <summary>The first subtitle stream inside a video file (mov_text, SubRip, WebVTT, SSA), as text.</summary>
public sealed class EmbeddedSubtitles(TpoSettings settings)
{
    /// <returns>No cues where there is no such stream, or where it is made of pictures.</returns>
    public async Task<IReadOnlyList<SubtitleCue>> ReadAsync(string path, CancellationToken cancellation = default)
    {
        using var text = new MemoryStream();
        try
        {
            await FFMpegArguments
                .FromFileInput(MediaPrograms.Argument(path))
                .OutputToPipe(new StreamPipeSink(text), options => options.WithCustomArgument("-loglevel error -map 0:s:0").ForceFormat("srt"))
                .CancellableThrough(cancellation)
                .ProcessAsynchronously(true, MediaPrograms.Options(settings));
        }
        catch (FFMpegException e) when (e.Type == FFMpegExceptionType.Process)
        {
            return [];
        }
        return SubtitleReader.Parse(Encoding.UTF8.GetString(text.ToArray()));
    }
}
