using System.ClientModel.Primitives;
using System.Text.Json;

namespace Tpo.Shared.Models.Remote;

/// <summary>
/// The OpenAI package reads an answer without `finish_reason` as one that ended well. Only a service that says why it ended says that it is whole,
/// so such an answer is malformed here. Streams are looked at where they are read.
/// </summary>
internal sealed class FinishReasonPolicy : PipelinePolicy
{
    public override void Process(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        ProcessNext(message, pipeline, currentIndex);
        Check(message);
    }

    public override async ValueTask ProcessAsync(PipelineMessage message, IReadOnlyList<PipelinePolicy> pipeline, int currentIndex)
    {
        await ProcessNextAsync(message, pipeline, currentIndex);
        Check(message);
    }

    private static void Check(PipelineMessage message)
    {
        if (!message.BufferResponse || message.Response is not { IsError: false } response)
            return;
        using var json = JsonDocument.Parse(response.Content);
        if (Field(json.RootElement, "choices", JsonValueKind.Array) is not { } choices || choices.GetArrayLength() == 0)
            throw new JsonException("it has no choice");
        if (Field(choices[0], "message", JsonValueKind.Object) is null)
            throw new JsonException("its choice has no message");
        if (Field(choices[0], "finish_reason", JsonValueKind.String) is null)
            throw new JsonException("without a finish_reason nobody knows whether it is whole");
    }

    private static JsonElement? Field(JsonElement element, string name, JsonValueKind kind) =>
        element.ValueKind == JsonValueKind.Object && element.TryGetProperty(name, out var field) && field.ValueKind == kind ? field : null;
}
