using System.Security.Cryptography;
using FFMpegCore;
using FFMpegCore.Exceptions;

namespace Tpo.Shared.Media;

/// <summary>
/// Says what a video is, or why it cannot be used. Identity is the SHA-256 of the bytes; frames are counted by decoding, so that every index
/// below FrameCount can be extracted. Size, pixels, streams and declared duration are checked before anything is decoded.
/// </summary>
public sealed class VideoProbe(TpoSettings settings)
{
    public const long MostBytes = 64L << 30;
    public const int MostPixels = 4096 * 4096;
    public const int MostStreams = 64;
    public const double MostSeconds = 4 * 3600;
    public const int MostFrames = 4 * 3600 * 60;

    /// <param name="path">the video as a local file</param>
    /// <param name="blobName">its name inside the `videos` container</param>
    /// <exception cref="BadVideoException">It cannot be used; the message says why and what to do.</exception>
    public async Task<VideoAsset> ProbeAsync(string path, string blobName, string? subtitleBlob = null, CancellationToken cancellation = default)
    {
        var bytes = new FileInfo(path).Length;
        if (bytes == 0)
            throw new BadVideoException("The file is empty (0 bytes): upload it again.");
        if (bytes > MostBytes)
            throw new BadVideoException($"The file has {bytes:N0} bytes; at most {MostBytes:N0} are taken. Split or compress it.");

        var options = MediaPrograms.Options(settings);
        var head = await FileHead.ReadAsync(path, cancellation);
        if (FileHead.IsCutOffRiff(head, bytes))
            throw new BadVideoException($"The video is cut off: its header names more than its {bytes:N0} bytes. Upload the whole file again.");
        var media = await AnalyseAsync(path, head, options, cancellation);
        var stream = media.VideoStreams.FirstOrDefault(video => video.Disposition?.GetValueOrDefault("attached_pic") != true)
            ?? throw new BadVideoException("The file has no video stream (sound or a cover picture alone): upload one with pictures.");
        var declared = CheckDeclared(media, stream);
        var timeline = await DecodedTimeline.ReadAsync(path, options, MostFrames, cancellation);
        CheckDecoded(timeline, declared);

        var framesPerSecond = FramesPerSecond(stream, timeline);
        var turned = Math.Abs(stream.Rotation) % 180 == 90;
        return new VideoAsset
        {
            VideoId = await HashAsync(path, cancellation),
            BlobName = blobName,
            Bytes = bytes,
            Format = media.Format.FormatName,
            Codec = stream.CodecName,
            Width = turned ? stream.Height : stream.Width,
            Height = turned ? stream.Width : stream.Height,
            FramesPerSecond = framesPerSecond,
            FrameRuns = timeline.Runs(framesPerSecond),
            FrameCount = timeline.FrameCount,
            DurationSeconds = timeline.Seconds,
            SubtitleBlob = subtitleBlob,
            EmbeddedSubtitles = media.SubtitleStreams.Count > 0,
        };
    }

    internal static string LastLine(string text) => text.Split('\n', StringSplitOptions.RemoveEmptyEntries).LastOrDefault()?.Trim() ?? "no reason given";

    private static async Task<IMediaAnalysis> AnalyseAsync(string path, byte[] head, FFOptions options, CancellationToken cancellation)
    {
        try
        {
            return await FFProbe.AnalyseAsync(MediaPrograms.Argument(path), options, cancellation);
        }
        catch (FFMpegException e) when (e.Type == FFMpegExceptionType.Process)
        {
            throw new BadVideoException(
                FileHead.IsIsoMedia(head) && IsCutOff(e.FFMpegErrorOutput)
                    ? "The video is cut off: its index is missing. Upload the whole file again."
                    : "The file is not a video that can be read (mp4, mkv, webm, mov, avi, mpg, ts, ogg): upload a video.", e);
        }
        catch (FFProbeException e)
        {
            throw new BadVideoException("The file is not a video that can be read: upload a video.", e);
        }
    }

    /// <summary>The limits that need no decoding; the answer is the video's declared length in seconds, 0 where none is declared.</summary>
    private double CheckDeclared(IMediaAnalysis media, VideoStream stream)
    {
        if (stream.Width <= 0 || stream.Height <= 0)
            throw new BadVideoException("The video stream names no picture size: the file is damaged. Upload it again.");
        if ((long)stream.Width * stream.Height > MostPixels)
            throw new BadVideoException($"The pictures are {stream.Width}×{stream.Height}; at most {MostPixels:N0} pixels are taken. Scale the video down.");
        if (media.Format.StreamCount > MostStreams)
            throw new BadVideoException($"The file has {media.Format.StreamCount} streams; at most {MostStreams} are taken. Keep the video stream alone.");
        var seconds = (stream.Duration > TimeSpan.Zero ? stream.Duration : media.Format.Duration).TotalSeconds;
        if (seconds > MostSeconds)
            throw new BadVideoException($"The video lasts {seconds / 3600:0.0} hours; at most {MostSeconds / 3600:0} are taken. Split it.");
        if (seconds * Math.Min(stream.AvgFrameRate, 1000) > MostFrames)
            throw new BadVideoException($"The video declares more than {MostFrames:N0} frames: lower its frame rate or split it.");
        return stream.Duration > TimeSpan.Zero || media.AudioStreams.Count + media.SubtitleStreams.Count == 0 ? seconds : 0;
    }

    private void CheckDecoded(DecodedTimeline timeline, double declared)
    {
        if (timeline.FrameCount == 0)
            throw new BadVideoException("No frame of the video can be decoded: the file is damaged or cut off. Upload it again.");
        if (timeline.FrameCount > MostFrames)
            throw new BadVideoException($"The video has more than {MostFrames:N0} frames: lower its frame rate or split it.");
        if (IsCutOff(string.Join('\n', timeline.Errors)) || timeline.Seconds < 0.9 * declared)
            throw new BadVideoException(
                "The video is cut off or damaged: " + (declared > 0 ? $"it declares {declared:0.0} s but " : "")
                + $"only {timeline.Seconds:0.0} s ({timeline.FrameCount} frames) can be decoded. Upload the whole file again.");
        if (timeline.Seconds < settings.MinVideoSeconds)
            throw new BadVideoException(
                $"The video lasts {timeline.Seconds:0.0} s; at least {settings.MinVideoSeconds:0.#} s are needed (setting Tpo__MinVideoSeconds). "
                + "Upload a longer one.");
    }

    /// <summary>How ffmpeg's demuxers say that a file ends before its content does.</summary>
    private static bool IsCutOff(string errors) =>
        errors.Contains("moov atom not found", StringComparison.Ordinal)
        || errors.Contains("partial file", StringComparison.Ordinal)
        || errors.Contains("ended prematurely", StringComparison.Ordinal);

    /// <summary>The declared rate where it agrees with what was decoded (29.97 stays 30000/1001), else the measured average.</summary>
    private static double FramesPerSecond(VideoStream stream, DecodedTimeline timeline)
    {
        var measured = timeline.FrameCount / timeline.Seconds;
        var declared = new[] { stream.AvgFrameRate, stream.FrameRate }.FirstOrDefault(rate => Math.Abs(rate - measured) <= 0.01 * measured);
        return declared > 0 ? declared : measured;
    }

    /// <summary>A video's identity: the SHA-256 of the file's bytes, lower-case hex.</summary>
    public static async Task<string> HashAsync(string path, CancellationToken cancellation)
    {
        await using var file = File.OpenRead(path);
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, cancellation));
    }
}
