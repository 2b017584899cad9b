using System.Text.Json;
using System.Text.RegularExpressions;

namespace Tpo.Shared.Models.Remote;

/// <summary>
/// The service's own words in the body of an error: `{"error":{"message","code"|"type"}}` (OpenAI, Azure, newer vLLM), `{"message","code"}` (older
/// vLLM, gateways), `{"detail"}` (FastAPI), or plain text and HTML of whatever stands in between.
/// </summary>
internal sealed partial record ServiceMessage(string Words, string Code)
{
    private const int Longest = 500;

    public static ServiceMessage Read(BinaryData? body)
    {
        var text = body?.ToString() ?? "";
        try
        {
            using var json = JsonDocument.Parse(text);
            if (Read(json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("error", out var error) ? error : json.RootElement) is { } read)
                return read;
        }
        catch (JsonException)
        {
            // Plain text then.
        }
        return new ServiceMessage(text.Length == 0 ? "it gave no reason." : Short(Markup().Replace(text, " ")), "");
    }

    private static ServiceMessage? Read(JsonElement error) => error.ValueKind switch
    {
        JsonValueKind.String => new ServiceMessage(Short(error.GetString()!), ""),
        JsonValueKind.Object when Field(error, "message", "detail") is { Length: > 0 } words => new ServiceMessage(Short(words), Field(error, "code", "type")),
        _ => null,
    };

    private static string Field(JsonElement element, params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (element.TryGetProperty(name, out var value) && value.ValueKind is not (JsonValueKind.Null or JsonValueKind.Undefined))
                return value.ToString();
        }
        return "";
    }

    private static string Short(string text)
    {
        var line = Blank().Replace(text, " ").Trim();
        return line.Length <= Longest ? line : line[..Longest] + "…";
    }

    [GeneratedRegex(@"<[^>]*>")]
    private static partial Regex Markup();

    [GeneratedRegex(@"\s+")]
    private static partial Regex Blank();
}
