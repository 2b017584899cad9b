using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Tpo.Shared.Models.Remote;

namespace Tpo.Tests.Unit.Serving.Remote;

/// <summary>How the server answers one request.</summary>
internal delegate Task Reply(HttpContext context);

/// <summary>One request as the server saw it.</summary>
internal sealed record Received(string Path, IReadOnlyDictionary<string, string> Headers, JsonNode Body);

/// <summary>A small chat-completions server on a real socket. Its replies come one a request in their order, the last again and again.</summary>
internal sealed class ChatServer : IAsyncDisposable
{
    public const string Key = "sk-test-0123456789abcdef";
    /// <summary>Item of the context in which a reply finds the request's body.</summary>
    public const string Body = "body";
    private readonly WebApplication _app;
    private readonly Reply[] _replies;
    private readonly ConcurrentQueue<Received> _received = new();
    private int _count;
    private int _inFlight;
    private int _mostInFlight;

    private ChatServer(WebApplication app, Reply[] replies) => (_app, _replies) = (app, replies);

    public IReadOnlyList<Received> Received => [.. _received];
    public int MostInFlight => _mostInFlight;

    /// <summary>Reaches this server; no waits between attempts.</summary>
    public RemoteModelSettings Settings => new()
    {
        Endpoint = $"{_app.Urls.First()}/v1", Model = "tiny-vlm", Key = Key, BackoffSeconds = 0, MaxAttempts = 3, TimeoutSeconds = 10,
    };

    public static async Task<ChatServer> StartAsync(params Reply[] replies)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var server = new ChatServer(builder.Build(), replies);
        server._app.Run(server.ServeAsync);
        await server._app.StartAsync();
        return server;
    }

    private async Task ServeAsync(HttpContext context)
    {
        var now = Interlocked.Increment(ref _inFlight);
        InterlockedMax(ref _mostInFlight, now);
        try
        {
            var body = (await JsonNode.ParseAsync(context.Request.Body))!;
            _received.Enqueue(new Received(
                context.Request.Path, context.Request.Headers.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase), body));
            context.Items[Body] = body;
            await _replies[Math.Min(Interlocked.Increment(ref _count), _replies.Length) - 1](context);
        }
        finally
        {
            Interlocked.Decrement(ref _inFlight);
        }
    }

    private static void InterlockedMax(ref int target, int value)
    {
        for (var seen = target; seen < value && Interlocked.CompareExchange(ref target, value, seen) != seen; seen = target)
        {
        }
    }

    public async ValueTask DisposeAsync() => await _app.DisposeAsync();
}
