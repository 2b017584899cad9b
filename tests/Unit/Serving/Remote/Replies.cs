using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Tpo.Tests.Unit.Serving.Remote;

/// <summary>What chat-completions servers say, and how they fail. Shapes are those of the documented protocol.</summary>
internal static class Replies
{
    public static Reply Text(string text, int prompt = 7, int completion = 3, string? finish = "stop") => Json(Completion(text, finish, Usage(prompt, completion)));

    public static Reply WithoutUsage(string text) => Json(Completion(text, "stop", null));

    public static Reply Json(JsonNode body) => Raw(body.ToJsonString());

    public static Reply Raw(string body, string type = "application/json") => context =>
    {
        context.Response.ContentType = type;
        return context.Response.WriteAsync(body);
    };

    public static Reply Status(int status, string body = "", params (string Name, string Value)[] headers) => context =>
    {
        context.Response.StatusCode = status;
        foreach (var (name, value) in headers)
            context.Response.Headers[name] = value;
        return context.Response.WriteAsync(body);
    };

    public static string Error(string message, string? code = null, string type = "invalid_request_error") =>
        new JsonObject { ["error"] = new JsonObject { ["message"] = message, ["type"] = type, ["param"] = null, ["code"] = code } }.ToJsonString();

    /// <summary>Says nothing until the client has gone.</summary>
    public static Reply Silence() => async context =>
    {
        try
        {
            await Task.Delay(Timeout.Infinite, context.RequestAborted);
        }
        catch (OperationCanceledException)
        {
        }
    };

    public static Reply After(Task gate, Reply reply) => async context =>
    {
        await gate;
        await reply(context);
    };

    /// <summary>Promises more bytes than it sends, then drops the connection.</summary>
    public static Reply HangUpInTheMiddle() => async context =>
    {
        context.Response.ContentType = "application/json";
        context.Response.ContentLength = 4000;
        await context.Response.WriteAsync("""{"id":"chatcmpl-1","object":"chat.compl""");
        await context.Response.Body.FlushAsync();
        context.Abort();
    };

    /// <summary>One event a piece, then what ends a stream: finish_reason, usage, [DONE].</summary>
    public static Reply Stream(params string[] pieces) => Events([Role(), .. pieces.Select(piece => Piece(piece)), Finish("stop"), UsageEvent(7, pieces.Length), "[DONE]"]);

    /// <summary>These events; then the connection ends, politely or not.</summary>
    public static Reply Events(IEnumerable<string> events, bool abort = false) => async context =>
    {
        if (!context.Response.HasStarted)
            context.Response.ContentType = "text/event-stream";
        foreach (var data in events)
        {
            await context.Response.WriteAsync($"data: {data}\n\n");
            await context.Response.Body.FlushAsync();
        }
        if (abort)
        {
            // What was sent is to arrive before the reset does.
            await Task.Delay(250);
            context.Abort();
        }
    };

    public static string Role() => Chunk(new JsonObject { ["role"] = "assistant", ["content"] = "" }, null);

    public static string Piece(string text) => Chunk(new JsonObject { ["content"] = text }, null);

    public static string Finish(string reason) => Chunk([], reason);

    public static string UsageEvent(int prompt, int completion) => new JsonObject
    {
        ["id"] = "chatcmpl-1", ["object"] = "chat.completion.chunk", ["created"] = 1767225600, ["model"] = "tiny-vlm",
        ["choices"] = new JsonArray(), ["usage"] = Usage(prompt, completion),
    }.ToJsonString();

    public static JsonObject Completion(string? text, string? finish, JsonNode? usage) => new()
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion",
        ["created"] = 1767225600,
        ["model"] = "tiny-vlm",
        ["choices"] = new JsonArray(new JsonObject
        {
            ["index"] = 0, ["message"] = new JsonObject { ["role"] = "assistant", ["content"] = text }, ["logprobs"] = null, ["finish_reason"] = finish,
        }),
        ["usage"] = usage,
    };

    private static JsonObject Usage(int prompt, int completion) => new()
    {
        ["prompt_tokens"] = prompt, ["completion_tokens"] = completion, ["total_tokens"] = prompt + completion,
    };

    private static string Chunk(JsonObject delta, string? finish) => new JsonObject
    {
        ["id"] = "chatcmpl-1",
        ["object"] = "chat.completion.chunk",
        ["created"] = 1767225600,
        ["model"] = "tiny-vlm",
        ["choices"] = new JsonArray(new JsonObject { ["index"] = 0, ["delta"] = delta, ["logprobs"] = null, ["finish_reason"] = finish }),
    }.ToJsonString();
}
