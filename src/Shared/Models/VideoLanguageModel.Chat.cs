using System.Runtime.CompilerServices;
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
    /// <exception cref="NotSupportedException">more than one user message, or a content that is neither frame nor text</exception>
    public async Task<ChatResponse> GetResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, CancellationToken cancellationToken = default)
    {
        var (frames, question) = Read(messages);
        var generation = new GenerationOptions(
            options?.MaxOutputTokens ?? new GenerationOptions().MaxNewTokens, options?.Temperature ?? 0, (int)(options?.Seed ?? 0));
        var answer = (await AnswerAsync(frames, [question], generation, cancellationToken))[0];
        return new ChatResponse(new ChatMessage(ChatRole.Assistant, answer.Text))
        {
            ModelId = ModelId,
            FinishReason = answer.Truncated ? ChatFinishReason.Length : ChatFinishReason.Stop,
            Usage = new UsageDetails
            {
                InputTokenCount = answer.PromptTokens,
                OutputTokenCount = answer.GeneratedTokens,
                TotalTokenCount = answer.PromptTokens + answer.GeneratedTokens,
            },
        };
    }

    /// <summary>The whole answer as one update: answers of this model are a sentence or two.</summary>
    public async IAsyncEnumerable<ChatResponseUpdate> GetStreamingResponseAsync(
        IEnumerable<ChatMessage> messages, ChatOptions? options = null, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        foreach (var update in (await GetResponseAsync(messages, options, cancellationToken)).ToChatResponseUpdates())
            yield return update;
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
