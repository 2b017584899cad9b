namespace Tpo.Shared.Media;

/// <summary>One video as probed: identity is the SHA-256 of its bytes, so the same video under two names is one asset.</summary>
public sealed record VideoAsset
{
    public int SchemaVersion { get; init; } = 1;
    /// <summary>SHA-256 of the file's bytes, lower-case hex; also the folder name in `curation`.</summary>
    public required string VideoId { get; init; }
    /// <summary>Blob name inside the `videos` container.</summary>
    public required string BlobName { get; init; }
    public required long Bytes { get; init; }
    public required string Format { get; init; }
    public required string Codec { get; init; }
    public required int Width { get; init; }
    public required int Height { get; init; }
    public required double FramesPerSecond { get; init; }
    /// <summary>Frames that the decoder delivers for the first video stream.</summary>
    public required int FrameCount { get; init; }
    public required double DurationSeconds { get; init; }
    /// <summary>How long frames are shown, where the rate varies; null = frame i starts at i ÷ FramesPerSecond.</summary>
    public IReadOnlyList<FrameRun>? FrameRuns { get; init; }
    public string? SubtitleBlob { get; init; }
    /// <summary>Whether the file itself has a subtitle stream.</summary>
    public bool EmbeddedSubtitles { get; init; }

    /// <summary>When its frames are shown.</summary>
    public FrameClock Clock() => FrameRuns is { } runs ? FrameClock.Of(runs) : FrameClock.Constant(FrameCount, FramesPerSecond);
}

/// <summary>Which frames of a video a model sees: indices into the decoded frames, with their times.</summary>
/// <param name="View">"whole", "segment", "without-segment", "sparse"</param>
/// <param name="Indices">frame indices, ascending, repeats allowed</param>
/// <param name="Times">seconds from the start, one an index</param>
public sealed record FramePlan(string View, int[] Indices, double[] Times);

/// <summary>A span of a video in seconds, [Start, End).</summary>
public sealed record TimeSpanSeconds(double Start, double End)
{
    public double Length => End - Start;
}

/// <summary>One decoded frame, 8-bit RGB, rows top to bottom, no padding: Rgb.Length = 3 · Width · Height.</summary>
public sealed record RgbFrame(int Width, int Height, byte[] Rgb, int Index, double TimeSeconds);

/// <summary>A video that cannot be curated, with a sentence that a person can act on.</summary>
public sealed class BadVideoException(string message, Exception? inner = null) : Exception(message, inner);
