using System.Text;
using System.Text.Json;
using FFMpegCore.Exceptions;

namespace FFMpegCore;

/// <summary>Reads what a media file says about itself.</summary>
public static class FFProbe
{
    /// <exception cref="FFMpegException">There is no such file, or ffprobe refused it; its own words are in FFMpegErrorOutput.</exception>
    /// <exception cref="FormatNullException">ffprobe named no format.</exception>
    public static async Task<IMediaAnalysis> AnalyseAsync(
        string filePath, FFOptions? ffOptions = null, CancellationToken cancellationToken = default, string? customArguments = null)
    {
        if (!File.Exists(filePath))
            throw new FFMpegException(FFMpegExceptionType.File, $"No file found at '{filePath}'");
        using var output = new MemoryStream();
        var run = new ProgramRun(
            (ffOptions ?? new FFOptions()).Program("ffprobe"),
            $"-loglevel error -print_format json -show_format -show_streams {customArguments} \"{filePath}\"",
            ffOptions?.WorkingDirectory ?? "")
        {
            ReadOutput = (stream, cancellation) => stream.CopyToAsync(output, cancellation),
        };
        var (exitCode, errors) = await run.RunAsync([(cancellationToken, 0)]);
        cancellationToken.ThrowIfCancellationRequested();
        if (exitCode != 0)
            throw new FFMpegException(FFMpegExceptionType.Process, $"ffprobe exited with non-zero exit-code ({exitCode} - {errors})", null, errors);
        using var json = JsonDocument.Parse(Encoding.UTF8.GetString(output.GetBuffer(), 0, (int)output.Length));
        return MediaAnalysis.Read(json.RootElement, errors);
    }
}
