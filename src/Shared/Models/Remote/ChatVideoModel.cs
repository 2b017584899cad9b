using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.AI;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models.Remote;

/// <summary>
/// A chat client whose model sees pictures (a video model on vLLM, GPT, …) as a video model: a request holds the frames in order, then the question.
/// Its service computes the frames anew for each question unless it keeps prefixes itself.
/// </summary>
/// <param name="imageSide">longest side of the frames that are sent, in pixels; the aspect is kept and nothing is enlarged</param>
public sealed class ChatVideoModel(IChatClient client, FrameExtractor extractor, int imageSide) : IVideoModel
{
    private readonly ChatClientMetadata _metadata = client.GetService(typeof(ChatClientMetadata)) as ChatClientMetadata ?? new ChatClientMetadata();

    public string ModelId => _metadata.DefaultModelId ?? throw new InvalidOperationException("This chat client names no model: its metadata needs a DefaultModelId.");
    /// <summary>Whose model it is: a service does not tell its weights' hash, and may change them under the same name.</summary>
    public string Revision => $"remote:{_metadata.ProviderUri?.Authority ?? _metadata.ProviderName}";
    public string Preprocess => string.Create(CultureInfo.InvariantCulture, $"ffmpeg-fit-{imageSide}-v1");

    public Task<IReadOnlyList<RgbFrame>> FramesAsync(string path, VideoAsset video, FramePlan plan, CancellationToken cancellation)
    {
        var (width, height) = SizeOf(video.Width, video.Height);
        return extractor.ExtractAsync(path, plan, width, height, cancellation);
    }

    public Task<IReadOnlyList<VideoAnswer>> AnswerAsync(
        IReadOnlyList<RgbFrame> frames, IReadOnlyList<string> questions, int maxTokens, CancellationToken cancellation)
    {
        if (frames.Count == 0)
            throw new ArgumentException("No frames: a question about a video needs at least one.", nameof(frames));
        AIContent[] pictures = [.. frames.Select(Picture)];
        return TogetherAsync(questions.Count, i => AskAsync(pictures, questions[i], maxTokens, cancellation));
    }

    /// <summary>Asks without any picture: what the model says that sees nothing.</summary>
    public Task<IReadOnlyList<VideoAnswer>> AnswerBlindAsync(IReadOnlyList<string> questions, int maxTokens, CancellationToken cancellation) =>
        TogetherAsync(questions.Count, i => AskAsync([], questions[i], maxTokens, cancellation));

    public Task<IReadOnlyList<VideoAnswer>> AnswerEachFrameAsync(
        IReadOnlyList<RgbFrame> frames, string question, int maxTokens, CancellationToken cancellation) =>
        TogetherAsync(frames.Count, i => AskAsync([Picture(frames[i])], question, maxTokens, cancellation));

    /// <summary>Width and height of the frames that are sent of a video of this size; at least one pixel each.</summary>
    public (int Width, int Height) SizeOf(int width, int height)
    {
        var scale = Math.Min(1, (double)imageSide / Math.Max(width, height));
        return (Math.Max(1, (int)Math.Round(width * scale)), Math.Max(1, (int)Math.Round(height * scale)));
    }

    private async Task<VideoAnswer> AskAsync(IEnumerable<AIContent> pictures, string question, int maxTokens, CancellationToken cancellation)
    {
        if (string.IsNullOrWhiteSpace(question))
            throw new ArgumentException("A question is empty.", nameof(question));
        var started = Stopwatch.GetTimestamp();
        var message = new ChatMessage(ChatRole.User, [.. pictures, new TextContent(question)]);
        var response = await client.GetResponseAsync([message], new ChatOptions { MaxOutputTokens = maxTokens, Temperature = 0 }, cancellation);
        return new VideoAnswer(
            response.Text.Trim(), (int)(response.Usage?.InputTokenCount ?? 0), (int)(response.Usage?.OutputTokenCount ?? 0),
            Truncated: response.FinishReason != ChatFinishReason.Stop, Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>All at once; how many really are in flight is the client's to bound.</summary>
    private static async Task<IReadOnlyList<VideoAnswer>> TogetherAsync(int count, Func<int, Task<VideoAnswer>> ask) =>
        await Task.WhenAll(Enumerable.Range(0, count).Select(ask));

    private static DataContent Picture(RgbFrame frame) => new(PngImage.Encode(frame), "image/png");

    /// <summary>The chat client is shared, and stays.</summary>
    public void Dispose()
    {
    }
}
