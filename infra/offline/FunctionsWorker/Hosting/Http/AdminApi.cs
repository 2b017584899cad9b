using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// For the master key: POST /admin/functions/{name} starts a timer, queue or blob function now (body `{"input":"…"}`: the message's text, or
/// `container/blob`) and answers 202; GET /admin/host/status says that the host runs.
/// </summary>
internal sealed class AdminApi(FunctionTable table, Listeners listeners, FunctionKeys keys, HostIdentity host, ILogger<AdminApi> log)
{
    public void Map(IEndpointRouteBuilder routes, CancellationToken stopping)
    {
        routes.MapGet("/admin/host/status", (HttpContext http) => keys.Allows(http, AuthorizationLevel.Admin)
            ? Results.Json(new { id = host.Id, state = "Running" })
            : Results.Unauthorized());
        routes.MapPost("/admin/functions/{name}", async (HttpContext http, string name) => await StartAsync(http, name, stopping));
    }

    private async Task<IResult> StartAsync(HttpContext http, string name, CancellationToken stopping)
    {
        if (!keys.Allows(http, AuthorizationLevel.Admin))
            return Results.Unauthorized();
        if (stopping.IsCancellationRequested)
            return Results.StatusCode(StatusCodes.Status503ServiceUnavailable);
        if (table.Find(name) is not { } function)
            return Results.Problem($"There is no function '{name}'.", statusCode: 404);
        string input;
        try
        {
            input = await ReadInputAsync(http);
        }
        catch (JsonException)
        {
            return Results.Problem("The body must be JSON: {\"input\":\"…\"}.", statusCode: 400);
        }
        if (listeners.Manual(function, input) is not { } start)
            return Results.Problem($"A function with a {function.TriggerType} is not started this way.", statusCode: 400);
        _ = Task.Run(async () =>
        {
            try
            {
                await start(stopping);
            }
            catch (Exception e)
            {
                log.LogError(e, "Function {Function}, started by hand, failed", function.Name);
            }
        }, CancellationToken.None);
        return Results.Accepted();
    }

    private static async Task<string> ReadInputAsync(HttpContext http)
    {
        using var reader = new StreamReader(http.Request.Body);
        var text = await reader.ReadToEndAsync(http.RequestAborted);
        if (text.Length == 0)
            return "";
        using var json = JsonDocument.Parse(text);
        return json.RootElement.ValueKind == JsonValueKind.Object && json.RootElement.TryGetProperty("input", out var input) ? input.ToString() : "";
    }
}
