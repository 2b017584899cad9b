using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Primitives;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>
/// The HTTP API of the durable extension: start, watch and steer instances. Not there: rewind, entities, and history of an instance
/// (it is dropped when the instance ends).
/// </summary>
internal static class DurableManagementApi
{
    private const string Base = "/runtime/webhooks/durabletask";

    public static void Map(IEndpointRouteBuilder routes, DurableEngine engine, Func<HttpContext, bool> authorize)
    {
        var client = engine.Client;
        var group = routes.MapGroup(Base).AddEndpointFilter(async (call, next) =>
            authorize(call.HttpContext) ? await GuardAsync(call, next) : Results.Unauthorized());

        group.MapPost("orchestrators/{name}/{id?}", (HttpRequest request, string name, string? id) => StartAsync(client, request, name, id));
        group.MapGet("instances/{id}", (HttpRequest request, string id) => GetAsync(client, request, id));
        group.MapGet("instances", (HttpRequest request, HttpResponse response) => ListAsync(client, request, response));
        group.MapDelete("instances/{id}", async (string id) => Purged(await client.PurgeInstanceAsync(id)));
        group.MapDelete("instances", (HttpRequest request) => PurgeAsync(client, request));
        group.MapPost("instances/{id}/raiseEvent/{name}", (HttpRequest request, string id, string name) =>
            IfRunningAsync(client, id, async () =>
            {
                if (!request.HasJsonContentType()) return Problem(400, "Only application/json request content is supported");
                var (payload, problem) = await ReadJsonAsync(request);
                if (problem is not null) return problem;
                await client.RaiseEventAsync(id, name, payload);
                return Results.StatusCode(202);
            }));
        MapControl("terminate", (id, reason) => client.TerminateInstanceAsync(id, (object?)reason));
        MapControl("suspend", (id, reason) => client.SuspendInstanceAsync(id, reason));
        MapControl("resume", (id, reason) => client.ResumeInstanceAsync(id, reason));
        group.MapPost("instances/{id}/restart", async (HttpRequest request, string id) =>
            Accepted(request, client.Name, await client.RestartAsync(id, Flag(request, "restartWithNewInstanceId", true))));

        void MapControl(string verb, Func<string, string?, Task> control) =>
            group.MapPost($"instances/{{id}}/{verb}", (HttpRequest request, string id) => IfRunningAsync(client, id, async () =>
            {
                await control(id, Text(request, "reason"));
                return Results.StatusCode(202);
            }));
    }

    private static async ValueTask<object?> GuardAsync(EndpointFilterInvocationContext call, EndpointFilterDelegate next)
    {
        try
        {
            return await next(call);
        }
        catch (Exception e) when (e is ArgumentException or FormatException)
        {
            return Problem(400, e.Message);
        }
        catch (InvalidOperationException e)
        {
            return Problem(409, e.Message);
        }
    }

    private static async Task<IResult> StartAsync(DurableTaskClient client, HttpRequest request, string name, string? id)
    {
        var (input, problem) = await ReadJsonAsync(request);
        if (problem is not null) return problem;
        id = await client.ScheduleNewOrchestrationInstanceAsync(name, input, id is null ? null : new StartOrchestrationOptions(id));
        if (Text(request, "timeout") is not { } timeout) return Accepted(request, client.Name, id);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        patience.CancelAfter(TimeSpan.FromSeconds(double.Parse(timeout, CultureInfo.InvariantCulture)));
        try
        {
            var done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
            return done.RuntimeStatus == OrchestrationRuntimeStatus.Completed ? Results.Json(Json(done.SerializedOutput)) : Status(request, done);
        }
        catch (OperationCanceledException)
        {
            return Accepted(request, client.Name, id);
        }
    }

    private static async Task<IResult> GetAsync(DurableTaskClient client, HttpRequest request, string id)
    {
        if (Flag(request, "showHistory", false)) return Problem(501, "This engine keeps no history that could be shown; leave showHistory out.");
        var instance = await client.GetInstanceAsync(id, getInputsAndOutputs: true);
        return instance is null ? Results.NotFound() : Status(request, instance);
    }

    private static IResult Status(HttpRequest request, OrchestrationMetadata instance)
    {
        var failed = instance.RuntimeStatus == OrchestrationRuntimeStatus.Failed && Flag(request, "returnInternalServerErrorOnFailure", false);
        if (!instance.IsCompleted)
        {
            request.HttpContext.Response.Headers.Location = $"{Root(request)}/instances/{instance.InstanceId}{request.QueryString}";
            request.HttpContext.Response.Headers.RetryAfter = "5";
        }
        return Results.Json(Describe(instance, Flag(request, "showInput", true)), statusCode: failed ? 500 : instance.IsCompleted ? 200 : 202);
    }

    private static async Task<IResult> ListAsync(DurableTaskClient client, HttpRequest request, HttpResponse response)
    {
        var top = Text(request, "top") is { } text ? int.Parse(text, CultureInfo.InvariantCulture) : OrchestrationQuery.DefaultPageSize;
        var query = new OrchestrationQuery(Time(request, "createdTimeFrom"), Time(request, "createdTimeTo"), Statuses(request), null,
            Text(request, "instanceIdPrefix"), Math.Max(1, top), FetchInputsAndOutputs: true);
        string? token = request.Headers["x-ms-continuation-token"] is [{ Length: > 0 } given, ..] ? given : null;
        await foreach (var page in client.GetAllInstancesAsync(query).AsPages(token))
        {
            response.Headers["x-ms-continuation-token"] = page.ContinuationToken ?? "";
            return Results.Json(page.Values.Select(i => Describe(i, Flag(request, "showInput", true))));
        }
        return Results.Json(Array.Empty<object>());
    }

    private static async Task<IResult> PurgeAsync(DurableTaskClient client, HttpRequest request) => Time(request, "createdTimeFrom") is { } from
        ? Purged(await client.PurgeAllInstancesAsync(new PurgeInstancesFilter(from, Time(request, "createdTimeTo") ?? DateTimeOffset.UtcNow, Statuses(request))))
        : Problem(400, "Please provide value for 'createdTimeFrom' parameter.");

    private static IResult Purged(PurgeResult result) => result.PurgedInstanceCount == 0
        ? Results.NotFound()
        : Results.Json(new { instancesDeleted = result.PurgedInstanceCount });

    private static async Task<IResult> IfRunningAsync(DurableTaskClient client, string id, Func<Task<IResult>> act) =>
        await client.GetInstanceAsync(id) switch
        {
            null => Results.NotFound(),
            { IsCompleted: true } => Results.StatusCode(410),
            _ => await act(),
        };

    private static object Describe(OrchestrationMetadata instance, bool showInput) => new
    {
        name = instance.Name,
        instanceId = instance.InstanceId,
        runtimeStatus = instance.RuntimeStatus.ToString(),
        input = showInput ? Json(instance.SerializedInput) : null,
        customStatus = Json(instance.SerializedCustomStatus),
        output = Json(instance.SerializedOutput),
        createdTime = Seconds(instance.CreatedAt),
        lastUpdatedTime = Seconds(instance.LastUpdatedAt),
        historyEvents = (object?)null,
    };

    private static IResult Accepted(HttpRequest request, string hub, string id)
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
            restartPostUri = $"{instance}/restart{query}",
            suspendPostUri = $"{instance}/suspend?reason={{text}}&{query[1..]}",
            resumePostUri = $"{instance}/resume?reason={{text}}&{query[1..]}",
        });
    }

    private static async Task<(JsonElement? Value, IResult? Problem)> ReadJsonAsync(HttpRequest request)
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

    private static object? Json(string? text)
    {
        if (text is null) return null;
        try { return JsonElement.Parse(text); }
        catch (JsonException) { return text; }
    }

    private static IResult Problem(int status, string message) => Results.Json(new { message }, statusCode: status);

    private static string Root(HttpRequest request) => $"{request.Scheme}://{request.Host}{Base}";

    private static string Seconds(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-ddTHH:mm:ssZ", CultureInfo.InvariantCulture);

    private static string? Text(HttpRequest request, string name) =>
        request.Query.TryGetValue(name, out var value) && !StringValues.IsNullOrEmpty(value) ? value.ToString() : null;

    private static bool Flag(HttpRequest request, string name, bool otherwise) => Text(request, name) is { } text ? bool.Parse(text) : otherwise;

    private static DateTimeOffset? Time(HttpRequest request, string name) =>
        Text(request, name) is { } text ? DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal) : null;

    private static IEnumerable<OrchestrationRuntimeStatus>? Statuses(HttpRequest request) => Text(request, "runtimeStatus")?
        .Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries)
        .Select(name => Enum.Parse<OrchestrationRuntimeStatus>(name, ignoreCase: true)).ToArray();
}
