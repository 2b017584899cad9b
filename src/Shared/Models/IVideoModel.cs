using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>One answer about frames. Truncated: it ended before its end, at its limit of tokens or at a filter.</summary>
public sealed record VideoAnswer(string Text, int PromptTokens, int GeneratedTokens, bool Truncated, double Seconds)
{
    /// <summary>Where the time went, as far as a model tells.</summary>
    public AnswerTimes? Times { get; init; }
}

/// <summary>
/// A model that sees frames and answers, on this machine or behind an endpoint. Answers are the likeliest ones (temperature 0). Disposing it
/// says that this caller is done with it; what others share with him stays.
/// </summary>
public interface IVideoModel : IDisposable
{
    string ModelId { get; }
    /// <summary>What names its weights in every lineage.</summary>
    string Revision { get; }
    /// <summary>How its frames become pixels, in every lineage.</summary>
    string Preprocess { get; }

    /// <summary>The planned frames of the video's file as this model takes them, in the plan's order.</summary>
    /// <exception cref="BadVideoException">the file cannot be decoded or has fewer frames</exception>
    Task<IReadOnlyList<RgbFrame>> FramesAsync(string path, VideoAsset video, FramePlan plan, CancellationToken cancellation);

    /// <summary>Every question about all frames together, in order.</summary>
    Task<IReadOnlyList<VideoAnswer>> AnswerAsync(IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, int maxTokens, CancellationToken cancellation);

    /// <summary>The same question about each frame alone, in order.</summary>
    Task<IReadOnlyList<VideoAnswer>> AnswerEachFrameAsync(IReadOnlyList<RgbFrame> frames, string question, int maxTokens, CancellationToken cancellation);
}
