using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Microsoft.Extensions.AI;
using Tpo.Shared.Media;

namespace Tpo.Shared.Models;

/// <summary>One decoded frame inside a chat message, in the order of the video, of the model's <see cref="VideoLanguageModel.ImageSize"/>.</summary>
public sealed class FrameContent(RgbFrame frame) : AIContent
{
    public RgbFrame Frame { get; } = frame;
}

/// <summary>The same model as a chat client: one user message with frames and a question; its answer is the response.</summary>
public sealed partial class VideoLanguageModel : IChatClient
{
    /// <exception cref="NotSupportedException">more than one user message, a content that is neither frame nor text, or an option this model has not</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (frames, question) = Read(messages);
        var answer = (await AnswerAsync(frames, [question], Generation(options), cancellationToken))[0];
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, answer.Text)) { ModelId = ModelId, FinishReason = Reason(answer), Usage = Usage(answer) };
    }

    /// <summary>The answer as it is written: one update for each piece of text, then one with the finish reason and the usage.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        var (frames, question) = Read(messages);
        var id = Guid.NewGuid().ToString("N");
        var pieces = Channel.CreateUnbounded<string>();
        // A reader who walks away in the middle ends the computation.
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var writing = SayAsync(frames, question, Generation(options), pieces.Writer, reading.Token);
        try
        {
            await foreach (var piece in pieces.Reader.ReadAllAsync(cancellationToken))
                yield return new ChatResponseUpdate(ChatRole.Assistant, piece) { ResponseId = id, MessageId = id, ModelId = ModelId };
            var answer = await writing;
            yield return new ChatResponseUpdate(ChatRole.Assistant, [new UsageContent(Usage(answer))])
            {
                ResponseId = id, MessageId = id, ModelId = ModelId, FinishReason = Reason(answer),
            };
        }
        finally
        {
            await reading.CancelAsync();
            await writing.ContinueWith(static _ => { }, TaskScheduler.Default);
        }
    }

    private async Task<ModelAnswer> SayAsync(
        IReadOnlyList<RgbFrame> frames, string question, GenerationOptions options, ChannelWriter<string> pieces, CancellationToken cancellation)
    {
        try
        {
            var text = new TextStream(_tokenizer);
            var turns = Turns([question]);
            RequireFrames(frames);
            var answers = await InTurnAsync(
                () => Answer(frames, [question], turns, options, (_, token) => Say(text.Add(token)), cancellation), cancellation);
            Say(text.End());
            pieces.Complete();
            return answers[0];
        }
        catch (Exception e)
        {
            pieces.Complete(e);
            throw;
        }

        void Say(string piece)
        {
            if (piece.Length > 0)
                pieces.TryWrite(piece);
        }
    }

    public object? GetService(Type serviceType, object? serviceKey = null)
    {
        ArgumentNullException.ThrowIfNull(serviceType);
        if (serviceKey is not null)
            return null;
        return serviceType == typeof(ChatClientMetadata)
            ? new ChatClientMetadata("onnxruntime", defaultModelId: ModelId)
            : serviceType.IsInstanceOfType(this) ? this : null;
    }

    private static GenerationOptions Generation(ChatOptions? options)
    {
        if (options is null)
            return new GenerationOptions();
        // What would change the answer and cannot be done is refused, never passed over.
        (string Name, bool Asked)[] missing =
        [
            (nameof(options.Tools), options.Tools is { Count: > 0 }), (nameof(options.StopSequences), options.StopSequences is { Count: > 0 }),
            (nameof(options.Instructions), !string.IsNullOrEmpty(options.Instructions)), (nameof(options.TopK), options.TopK is not null),
            (nameof(options.FrequencyPenalty), options.FrequencyPenalty is not (null or 0)), (nameof(options.PresencePenalty), options.PresencePenalty is not (null or 0)),
            (nameof(options.ResponseFormat), options.ResponseFormat is not (null or ChatResponseFormatText)),
        ];
        if (missing.Where(option => option.Asked).Select(option => option.Name).ToArray() is { Length: > 0 } asked)
            throw new NotSupportedException(
                $"This model does not know {string.Join(", ", asked)}: it answers a question about frames in its own words, by MaxOutputTokens, Temperature, TopP and Seed.");
        return new GenerationOptions(
            options.MaxOutputTokens ?? new GenerationOptions().MaxNewTokens, options.Temperature ?? 0, unchecked((int)(options.Seed ?? 0)), options.TopP ?? 1);
    }

    private static ChatFinishReason Reason(ModelAnswer answer) => answer.Truncated ? ChatFinishReason.Length : ChatFinishReason.Stop;

    private static UsageDetails Usage(ModelAnswer answer) => new()
    {
        InputTokenCount = answer.PromptTokens,
        OutputTokenCount = answer.GeneratedTokens,
        TotalTokenCount = answer.PromptTokens + answer.GeneratedTokens,
    };

    private static (List<RgbFrame> Frames, string Question) Read(IEnumerable<ChatMessage> messages)
    {
        if (messages.ToList() is not [{ } message] || message.Role != ChatRole.User)
            throw new NotSupportedException("This model takes exactly one user message: its template has a fixed system prompt and one turn.");
        var frames = new List<RgbFrame>();
        var text = new List<string>();
        foreach (var content in message.Contents)
        {
            switch (content)
            {
                case FrameContent frame: frames.Add(frame.Frame); break;
                case TextContent part: text.Add(part.Text); break;
                default: throw new NotSupportedException($"This model reads frames and text, not {content.GetType().Name}.");
            }
        }
        return (frames, string.Concat(text));
    }
}
