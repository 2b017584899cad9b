using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Tpo.Offline.FunctionsWorker.Durable.ManagementMessages;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>
/// The HTTP API of the durable extension: start, watch and steer instances. Not there: rewind, entities, and history of an instance
/// (it is dropped when the instance ends).
/// </summary>
internal static class DurableManagementApi
{
    public static void Map(IEndpointRouteBuilder routes, DurableEngine engine, Func<HttpContext, bool> authorize)
    {
        var client = engine.Client;
        var group = routes.MapGroup(ManagementMessages.Base).AddEndpointFilter(async (call, next) =>
            authorize(call.HttpContext) ? await GuardAsync(call, next) : Results.Unauthorized());

        group.MapPost("orchestrators/{name}/{id?}", (HttpRequest request, string name, string? id) =>
            StartAsync(client, request, name, id));
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
            return done.RuntimeStatus == OrchestrationRuntimeStatus.Completed
                ? Results.Json(Json(done.SerializedOutput))
                : Status(request, done);
        }
        catch (OperationCanceledException)
        {
            return Accepted(request, client.Name, id);
        }
    }

    private static async Task<IResult> GetAsync(DurableTaskClient client, HttpRequest request, string id)
    {
        if (Flag(request, "showHistory", false))
            return Problem(501, "This engine keeps no history that could be shown; leave showHistory out.");
        var instance = await client.GetInstanceAsync(id, getInputsAndOutputs: true);
        return instance is null ? Results.NotFound() : Status(request, instance);
    }

    private static IResult Status(HttpRequest request, OrchestrationMetadata instance)
    {
        var failed = instance.RuntimeStatus == OrchestrationRuntimeStatus.Failed;
        var status = failed && Flag(request, "returnInternalServerErrorOnFailure", false) ? 500 : instance.IsCompleted ? 200 : 202;
        if (!instance.IsCompleted)
        {
            request.HttpContext.Response.Headers.Location = $"{Root(request)}/instances/{instance.InstanceId}{request.QueryString}";
            request.HttpContext.Response.Headers.RetryAfter = "5";
        }
        return Results.Json(Describe(instance, Flag(request, "showInput", true)), statusCode: status);
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

    private static async Task<IResult> PurgeAsync(DurableTaskClient client, HttpRequest request)
    {
        if (Time(request, "createdTimeFrom") is not { } from) return Problem(400, "Please provide value for 'createdTimeFrom' parameter.");
        var to = Time(request, "createdTimeTo") ?? DateTimeOffset.UtcNow;
        return Purged(await client.PurgeAllInstancesAsync(new PurgeInstancesFilter(from, to, Statuses(request))));
    }

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
}
