using System.Globalization;
using System.Text.Json;
using FFMpegCore.Exceptions;

namespace FFMpegCore;

/// <summary>ffprobe's JSON, typed. Numbers come as numbers or as text, and may be missing: missing is zero.</summary>
internal sealed class MediaAnalysis : IMediaAnalysis
{
    public required MediaFormat Format { get; init; }
    public required List<VideoStream> VideoStreams { get; init; }
    public required List<AudioStream> AudioStreams { get; init; }
    public required List<SubtitleStream> SubtitleStreams { get; init; }
    public required IReadOnlyList<string> ErrorData { get; init; }
    public VideoStream? PrimaryVideoStream => VideoStreams.MinBy(stream => stream.Index);
    public AudioStream? PrimaryAudioStream => AudioStreams.MinBy(stream => stream.Index);

    public TimeSpan Duration => VideoStreams.Cast<MediaStream>().Concat(AudioStreams).Select(stream => stream.Duration).Append(Format.Duration).Max();

    public static IMediaAnalysis Read(JsonElement root, string errors)
    {
        if (!root.TryGetProperty("format", out var format))
            throw new FormatNullException();
        var streams = root.TryGetProperty("streams", out var list) ? [.. list.EnumerateArray()] : new List<JsonElement>();
        return new MediaAnalysis
        {
            Format = ReadFormat(format),
            VideoStreams = [.. OfKind(streams, "video").Select(ReadVideo)],
            AudioStreams = [.. OfKind(streams, "audio").Select(ReadAudio)],
            SubtitleStreams = [.. OfKind(streams, "subtitle").Select(stream => Common(stream, new SubtitleStream()))],
            ErrorData = errors.Split('\n', StringSplitOptions.RemoveEmptyEntries),
        };
    }

    private static IEnumerable<JsonElement> OfKind(IEnumerable<JsonElement> streams, string kind) =>
        streams.Where(stream => Text(stream, "codec_type") == kind);

    private static MediaFormat ReadFormat(JsonElement format) => new()
    {
        Duration = Seconds(Text(format, "duration")),
        StartTime = Seconds(Text(format, "start_time")),
        FormatName = Text(format, "format_name") ?? "",
        FormatLongName = Text(format, "format_long_name") ?? "",
        StreamCount = (int)Number(Text(format, "nb_streams")),
        ProbeScore = Number(Text(format, "probe_score")),
        BitRate = Number(Text(format, "bit_rate")),
        Tags = Tags(format),
    };

    private static VideoStream ReadVideo(JsonElement stream) => Common(stream, new VideoStream
    {
        AvgFrameRate = Ratio(Text(stream, "avg_frame_rate")),
        FrameRate = Ratio(Text(stream, "r_frame_rate")),
        Width = (int)Number(Text(stream, "width")),
        Height = (int)Number(Text(stream, "height")),
        PixelFormat = Text(stream, "pix_fmt") ?? "",
        Profile = Text(stream, "profile"),
        Rotation = Rotation(stream),
    });

    private static AudioStream ReadAudio(JsonElement stream) => Common(stream, new AudioStream
    {
        Channels = (int)Number(Text(stream, "channels")),
        SampleRateHz = (int)Number(Text(stream, "sample_rate")),
    });

    private static T Common<T>(JsonElement json, T stream) where T : MediaStream
    {
        stream.Index = (int)Number(Text(json, "index"));
        stream.CodecName = Text(json, "codec_name") ?? "";
        stream.CodecLongName = Text(json, "codec_long_name") ?? "";
        stream.StartTime = Seconds(Text(json, "start_time"));
        stream.Tags = Tags(json);
        stream.Language = stream.Tags?.GetValueOrDefault("language");
        // Matroska has no duration a stream; its writers leave one in a tag.
        stream.Duration = Seconds(Text(json, "duration") ?? stream.Tags?.GetValueOrDefault("DURATION"));
        if (json.TryGetProperty("disposition", out var disposition))
            stream.Disposition = disposition.EnumerateObject().ToDictionary(flag => flag.Name, flag => flag.Value.GetInt32() == 1);
        return stream;
    }

    private static int Rotation(JsonElement stream)
    {
        if (stream.TryGetProperty("side_data_list", out var sideData))
            foreach (var data in sideData.EnumerateArray())
                if (Text(data, "rotation") is { } rotation)
                    return (int)Number(rotation);
        return (int)Number(Tags(stream)?.GetValueOrDefault("rotate"));
    }

    private static Dictionary<string, string>? Tags(JsonElement element) =>
        element.TryGetProperty("tags", out var tags) ? tags.EnumerateObject().ToDictionary(tag => tag.Name, tag => tag.Value.ToString()) : null;

    private static string? Text(JsonElement element, string name) => element.TryGetProperty(name, out var value) ? value.ToString() : null;

    private static double Number(string? text) => double.TryParse(text, CultureInfo.InvariantCulture, out var number) ? number : 0;

    /// <summary>"12.5" or "00:00:12.500000000".</summary>
    private static TimeSpan Seconds(string? text)
    {
        var seconds = (text ?? "").Split(':').Aggregate(0.0, (sum, part) => sum * 60 + Number(part));
        return TimeSpan.FromSeconds(Math.Clamp(seconds, -1e9, 1e9));
    }

    private static double Ratio(string? text)
    {
        var parts = (text ?? "").Split('/');
        return parts.Length == 2 && Number(parts[1]) != 0 ? Number(parts[0]) / Number(parts[1]) : 0;
    }
}
