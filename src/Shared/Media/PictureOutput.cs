using FFMpegCore;
using FFMpegCore.Exceptions;
using FFMpegCore.Pipes;

namespace Tpo.Shared.Media;

/// <summary>What ffmpeg makes of each selected frame, and how the pictures are read from its output.</summary>
/// <param name="Filter">filters behind the selection</param>
/// <param name="Read">the next whole picture of the stream, or null at its end</param>
internal sealed record PictureOutput(string Filter, string Codec, string Format, Func<Stream, CancellationToken, Task<byte[]?>> Read)
{
    /// <summary>The pictures, where ffmpeg gives all of them and complains of nothing; else null.</summary>
    public async Task<IReadOnlyList<byte[]>?> TryRunAsync(FFMpegArguments inputs, string selection, int count, FFOptions options, CancellationToken cancellation)
    {
        var complaints = 0;
        try
        {
            var pictures = await RunAsync(inputs, selection, count, options, cancellation, line => complaints += string.IsNullOrWhiteSpace(line) ? 0 : 1);
            return pictures.Count == count && complaints == 0 ? pictures : null;
        }
        catch (FFMpegException e) when (e.Type == FFMpegExceptionType.Process)
        {
            return null;
        }
    }

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
