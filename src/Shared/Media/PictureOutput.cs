using FFMpegCore;
using FFMpegCore.Pipes;

namespace Tpo.Shared.Media;

/// <summary>What ffmpeg makes of each selected frame, and how the pictures are read from its output.</summary>
/// <param name="Filter">filters behind the selection</param>
/// <param name="Read">the next whole picture of the stream, or null at its end</param>
internal sealed record PictureOutput(string Filter, string Codec, string Format, Func<Stream, CancellationToken, Task<byte[]?>> Read)
{
    /// <summary>Runs ffmpeg on the inputs; the pictures in order of output, at most `count`.</summary>
    /// <param name="selection">which streams and frames go out</param>
    /// <exception cref="FFMpegCore.Exceptions.FFMpegException">ffmpeg failed.</exception>
    public async Task<List<byte[]>> RunAsync(
        FFMpegArguments inputs, string selection, int count, FFOptions options, CancellationToken cancellation, Action<string>? onError = null)
    {
        var pictures = new List<byte[]>(count);
        var sink = new StreamPipeSink(async (stream, stop) =>
        {
            while (await Read(stream, stop) is { } picture)
                pictures.Add(picture);
        });
        await inputs
            .OutputToPipe(sink, arguments => arguments
                .WithCustomArgument($"-loglevel error {selection} {Codec} -fps_mode passthrough")
                .WithFrameOutputCount(count)
                .ForceFormat(Format))
            .NotifyOnError(onError ?? (_ => { }))
            .CancellableThrough(cancellation)
            .ProcessAsynchronously(true, options);
        return pictures;
    }
}
