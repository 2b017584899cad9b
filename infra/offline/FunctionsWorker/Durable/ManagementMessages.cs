using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Primitives;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>The management API's words: what is read from a request's query and body, and the bodies of answers.</summary>
internal static class ManagementMessages
{
    public const string Base = "/runtime/webhooks/durabletask";

    public static object Describe(OrchestrationMetadata instance, bool showInput, JsonArray? history = null) => new
    {
        name = instance.Name,
        instanceId = instance.InstanceId,
        runtimeStatus = instance.RuntimeStatus.ToString(),
        input = showInput ? Json(instance.SerializedInput) : null,
        customStatus = Json(instance.SerializedCustomStatus),
        output = Json(instance.SerializedOutput),
        createdTime = Seconds(instance.CreatedAt),
        lastUpdatedTime = Seconds(instance.LastUpdatedAt),
        historyEvents = history,
    };

    public static IResult Accepted(HttpRequest request, string hub, string id)
    {
        var query = $"?taskHub={hub}&connection=Storage" + (Text(request, "code") is { } code ? $"&code={Uri.EscapeDataString(code)}" : "");
        var instance = $"{Root(request)}/instances/{id}";
        request.HttpContext.Response.Headers.RetryAfter = "10";
        return Results.Accepted(instance + query, new
        {
            id,
            statusQueryGetUri = instance + query,
            sendEventPostUri = $"{instance}/raiseEvent/{{eventName}}{query}",
            terminatePostUri = $"{instance}/terminate?reason={{text}}&{query[1..]}",
            purgeHistoryDeleteUri = instance + query,
            rewindPostUri = $"{instance}/rewind?reason={{text}}&{query[1..]}",
            restartPostUri = $"{instance}/restart{query}",
            suspendPostUri = $"{instance}/suspend?reason={{text}}&{query[1..]}",
            resumePostUri = $"{instance}/resume?reason={{text}}&{query[1..]}",
        });
    }

    public static async Task<(JsonElement? Value, IResult? Problem)> ReadJsonAsync(HttpRequest request)
    {
        using var reader = new StreamReader(request.Body);
        var text = await reader.ReadToEndAsync(request.HttpContext.RequestAborted);
        if (string.IsNullOrWhiteSpace(text)) return (null, null);
        try
        {
            return (JsonElement.Parse(text), null);
        }
        catch (JsonException e)
        {
            return (null, Problem(400, $"Invalid JSON content: {e.Message}"));
        }
    }

    public static object? Json(string? text)
    {
        if (text is null) return null;
        try { return JsonElement.Parse(text); }
        catch (JsonException) { return text; }
    }

    public static IResult Problem(int status, string message) => Results.Json(new { message }, statusCode: status);

    public static string Root(HttpRequest request) => $"{request.Scheme}://{request.Host}{Base}";

    public static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    public static string? Text(HttpRequest request, string name) =>
        request.Query.TryGetValue(name, out var value) && !StringValues.IsNullOrEmpty(value) ? value.ToString() : null;

    public static bool Flag(HttpRequest request, string name, bool otherwise) =>
        Text(request, name) is { } text ? bool.Parse(text) : otherwise;

    public static DateTimeOffset? Time(HttpRequest request, string name) =>
        Text(request, name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null;

    public static IEnumerable<OrchestrationRuntimeStatus>? Statuses(HttpRequest request) => Text(request, "runtimeStatus")?
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(name => Enum.Parse<OrchestrationRuntimeStatus>(name, ignoreCase: true)).ToArray();
}
