namespace FFMpegCore;

/// <summary>A media file as ffprobe describes it.</summary>
public interface IMediaAnalysis
{
    TimeSpan Duration { get; }
    MediaFormat Format { get; }
    VideoStream? PrimaryVideoStream { get; }
    AudioStream? PrimaryAudioStream { get; }
    List<VideoStream> VideoStreams { get; }
    List<AudioStream> AudioStreams { get; }
    List<SubtitleStream> SubtitleStreams { get; }
    IReadOnlyList<string> ErrorData { get; }
}

public class MediaFormat
{
    public TimeSpan Duration { get; set; }
    public TimeSpan StartTime { get; set; }
    public string FormatName { get; set; } = null!;
    public string FormatLongName { get; set; } = null!;
    public int StreamCount { get; set; }
    public double ProbeScore { get; set; }
    public double BitRate { get; set; }
    public Dictionary<string, string>? Tags { get; set; }
}

public abstract class MediaStream
{
    public int Index { get; set; }
    public string CodecName { get; set; } = null!;
    public string CodecLongName { get; set; } = null!;
    public string? Language { get; set; }
    public TimeSpan StartTime { get; set; }
    public TimeSpan Duration { get; set; }
    public Dictionary<string, bool>? Disposition { get; set; }
    public Dictionary<string, string>? Tags { get; set; }
}

public class VideoStream : MediaStream
{
    public double AvgFrameRate { get; set; }
    public double FrameRate { get; set; }
    public int Width { get; set; }
    public int Height { get; set; }
    public string PixelFormat { get; set; } = null!;
    public string? Profile { get; set; }
    /// <summary>Degrees by which a player turns the picture.</summary>
    public int Rotation { get; set; }
}

public class AudioStream : MediaStream
{
    public int Channels { get; set; }
    public int SampleRateHz { get; set; }
}

public class SubtitleStream : MediaStream;
