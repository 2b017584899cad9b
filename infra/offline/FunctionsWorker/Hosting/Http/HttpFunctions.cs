using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.Abstractions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>One endpoint for each HTTP function: key, call, answer.</summary>
internal sealed partial class HttpFunctions(
    FunctionTable table, FunctionInvoker invoker, FunctionKeys keys, HostJson hostJson, ILogger<HttpFunctions> log)
{
    public void Map(IEndpointRouteBuilder routes, CancellationToken stopping)
    {
        var taken = new Dictionary<string, string>(StringComparer.OrdinalIgnoreCase);
        foreach (var (function, trigger) in table.With<HttpTriggerAttribute>())
        {
            var path = Path(function, trigger);
            foreach (var method in trigger.Methods is { Length: > 0 } methods ? methods : ["*"])
                if (!taken.TryAdd($"{method} {Parameter().Replace(path, "{")}", function.Name))
                    throw new StartupException(
                        $"The functions '{taken[$"{method} {Parameter().Replace(path, "{")}"]}' and '{function.Name}' have the same route {method} {path}.");
            Map(routes, function, trigger, http => AnswerAsync(http, function, trigger, stopping));
        }
        foreach (var function in table.Disabled.Where(f => f.Trigger is HttpTriggerAttribute))
        {
            var trigger = (HttpTriggerAttribute)function.Trigger;
            Map(routes, function, trigger, http => AnswerDisabledAsync(http, function, trigger, stopping)).WithOrder(1); // behind one that lives
        }
        // Without this, a method that no function of the path takes would be 405.
        routes.Map("{**any}", NotFoundAsync).WithOrder(int.MaxValue);
    }

    private IEndpointConventionBuilder Map(IEndpointRouteBuilder routes, LocalFunction function, HttpTriggerAttribute trigger, RequestDelegate answer) =>
        trigger.Methods is { Length: > 0 }
            ? routes.MapMethods(Path(function, trigger), trigger.Methods.Select(m => m.ToUpperInvariant()), answer)
            : routes.Map(Path(function, trigger), answer);

    /// <summary>`/api/orders/{id}`: the route below the prefix of host.json.</summary>
    public string Path(LocalFunction function, HttpTriggerAttribute trigger) =>
        $"/{hostJson.RoutePrefix}/{TriggerNames.Route(function.Name, trigger).RawText}".Replace("//", "/");

    private async Task AnswerAsync(HttpContext http, LocalFunction function, HttpTriggerAttribute trigger, CancellationToken stopping)
    {
        if (!keys.Allows(http, trigger.AuthLevel, function.Name))
        {
            http.Response.StatusCode = StatusCodes.Status401Unauthorized;
            return;
        }
        if (stopping.IsCancellationRequested)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }
        using var cancellation = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, stopping);
        try
        {
            var arrival = new HttpArrival(http) { Names = Names(http) };
            await WriteAsync(http, await invoker.InvokeAsync(function, arrival, http.RequestServices, cancellation.Token));
        }
        catch (OperationCanceledException) when (http.RequestAborted.IsCancellationRequested)
        {
            log.LogDebug("The caller of {Function} left before the answer", function.Name);
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested && !http.Response.HasStarted)
        {
            http.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
        }
        catch (BadRequestException e) when (!http.Response.HasStarted)
        {
            await WriteAsync(http, Problem(e.Problem));
        }
        catch (Exception e) when (!http.Response.HasStarted)
        {
            log.LogError(e, "Function {Function} failed", function.Name);
            http.Response.Clear();
            await WriteAsync(http, Problem(new ProblemDetails
            {
                Status = StatusCodes.Status500InternalServerError,
                Title = "The function failed.",
                Detail = "The error is in the host's log under this trace id.",
                Extensions = { ["traceId"] = http.TraceIdentifier },
            }));
        }
    }

    /// <summary>As on Azure, a disabled function is not there for anybody but an administrator.</summary>
    private Task AnswerDisabledAsync(HttpContext http, LocalFunction function, HttpTriggerAttribute trigger, CancellationToken stopping) =>
        keys.ShowsMaster(http) || !keys.Allows(http, trigger.AuthLevel, function.Name)
            ? AnswerAsync(http, function, trigger, stopping)
            : NotFoundAsync(http);

    private static Task NotFoundAsync(HttpContext http)
    {
        http.Response.StatusCode = StatusCodes.Status404NotFound;
        return Task.CompletedTask;
    }

    private static Task WriteAsync(HttpContext http, object? result) => result switch
    {
        null => Task.CompletedTask,
        IActionResult action => action.ExecuteResultAsync(new ActionContext(http, http.GetRouteData(), new ActionDescriptor())),
        IResult plain => plain.ExecuteAsync(http),
        _ => WriteAsync(http, new ObjectResult(result)),
    };

    private static ObjectResult Problem(ProblemDetails problem) =>
        new(problem) { StatusCode = problem.Status, ContentTypes = { "application/problem+json" } };

    private static Dictionary<string, object?> Names(HttpContext http)
    {
        var names = new Dictionary<string, object?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, values) in http.Request.Query)
            names[name] = values.ToString();
        foreach (var (name, value) in http.Request.RouteValues)
            names[name] = value;
        return names;
    }

    [GeneratedRegex(@"\{\**[^}:?=]+")]
    private static partial Regex Parameter();
}
