using System.Globalization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using static Tpo.Offline.FunctionsWorker.Durable.ManagementMessages;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>
/// The HTTP API of the durable extension: start, watch and steer instances. Not there: entities, and the lease of a second app.
/// </summary>
internal static class DurableManagementApi
{
    public static void Map(IEndpointRouteBuilder routes, DurableEngine engine, Func<HttpContext, bool> authorize)
    {
        var client = engine.Client;
        var group = routes.MapGroup(ManagementMessages.Base).AddEndpointFilter(async (call, next) =>
            authorize(call.HttpContext) ? await GuardAsync(call, next) : Results.Unauthorized());

        group.MapPost("orchestrators/{name}/{id?}", (HttpRequest request, string name, string? id) =>
            StartAsync(engine, request, name, id));
        group.MapGet("instances/{id}", (HttpRequest request, string id) => GetAsync(engine, request, id));
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
        group.MapPost("instances/{id}/rewind", async (HttpRequest request, string id) =>
            await client.GetInstanceAsync(id) is not { } instance ? Results.NotFound()
            : instance.RuntimeStatus is OrchestrationRuntimeStatus.Completed or OrchestrationRuntimeStatus.Terminated ? Results.StatusCode(410)
            : await RewindAsync(client, id, Text(request, "reason")));
        group.MapPost("instances/{id}/restart", async (HttpRequest request, string id) =>
            Accepted(request, client.Name, await client.RestartAsync(id, Flag(request, "restartWithNewInstanceId", true))));
        group.Map("{*other}", () => Results.NotFound()); // also another verb: the extension answers 404, not 405

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

    private static async Task<IResult> RewindAsync(DurableTaskClient client, string id, string? reason)
    {
        await client.RewindInstanceAsync(id, reason ?? "");
        return Results.StatusCode(202);
    }

    private static async Task<IResult> StartAsync(DurableEngine engine, HttpRequest request, string name, string? id)
    {
        var client = engine.Client;
        var (input, problem) = await ReadJsonAsync(request);
        if (problem is not null) return problem;
        id = await client.ScheduleNewOrchestrationInstanceAsync(name, input, id is null ? null : new StartOrchestrationOptions(id));
        if (Text(request, "timeout") is not { } timeout || Text(request, "pollingInterval") is null) return Accepted(request, client.Name, id);
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        patience.CancelAfter(TimeSpan.FromSeconds(double.Parse(timeout, CultureInfo.InvariantCulture)));
        try
        {
            var done = await client.WaitForInstanceCompletionAsync(id, getInputsAndOutputs: true, patience.Token);
            return done.RuntimeStatus == OrchestrationRuntimeStatus.Completed
                ? Results.Json(Json(done.SerializedOutput))
                : await StatusAsync(engine, request, done);
        }
        catch (OperationCanceledException) when (!request.HttpContext.RequestAborted.IsCancellationRequested)
        {
            return Accepted(request, client.Name, id);
        }
    }

    private static async Task<IResult> GetAsync(DurableEngine engine, HttpRequest request, string id)
    {
        var instance = await engine.Client.GetInstanceAsync(id, getInputsAndOutputs: true);
        return instance is null ? Results.NotFound() : await StatusAsync(engine, request, instance);
    }

    private static async Task<IResult> StatusAsync(DurableEngine engine, HttpRequest request, OrchestrationMetadata instance)
    {
        var history = Flag(request, "showHistory", false)
            && await engine.Histories.ReadAsync(instance.InstanceId, request.HttpContext.RequestAborted) is { } read
                ? HistoryEvents.Describe(instance, read.Episodes, Flag(request, "showHistoryOutput", false)) : null;
        var failed = instance.RuntimeStatus == OrchestrationRuntimeStatus.Failed;
        var status = failed && Flag(request, "returnInternalServerErrorOnFailure", false) ? 500 : instance.IsCompleted ? 200 : 202;
        if (!instance.IsCompleted)
        {
            request.HttpContext.Response.Headers.Location = $"{Root(request)}/instances/{instance.InstanceId}{request.QueryString}";
            request.HttpContext.Response.Headers.RetryAfter = "5";
        }
        return Results.Json(Describe(instance, Flag(request, "showInput", true), history), statusCode: status);
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
