using System.ClientModel.Primitives;
using System.Text.Json;
using Microsoft.Extensions.AI;

namespace Tpo.Shared.Models.Remote;

/// <summary>
/// A server that fails after its headers have gone (vLLM) sends the error as one more event, `{"error":{"message","code"}}`. The OpenAI package
/// passes such an event on as an update that is empty but for what it did not understand.
/// </summary>
internal sealed record StreamedError(int Status, ServiceMessage Said)
{
    private const int UnnamedStatus = 500;

    public static StreamedError? Of(ChatResponseUpdate update)
    {
        if (update.Contents.Count > 0 || update.FinishReason is not null || update.RawRepresentation is not IPersistableModel<OpenAI.Chat.StreamingChatCompletionUpdate> raw)
            return null;
        var body = raw.Write(ModelReaderWriterOptions.Json);
        using var json = JsonDocument.Parse(body);
        if (!json.RootElement.TryGetProperty("error", out var error) || error.ValueKind == JsonValueKind.Null)
            return null;
        return new StreamedError(StatusIn(error), ServiceMessage.Read(body));
    }

    private static int StatusIn(JsonElement error) =>
        error.ValueKind == JsonValueKind.Object && error.TryGetProperty("code", out var code)
        && code.ValueKind == JsonValueKind.Number && code.TryGetInt32(out var status) && status is >= 400 and < 600
            ? status : UnnamedStatus;
}
