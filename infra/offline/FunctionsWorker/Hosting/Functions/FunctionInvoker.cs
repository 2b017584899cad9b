using System.Diagnostics;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// Runs one call: a service scope, the app's middleware, then parameters, instance and method. Nothing here leaves the caller's thread
/// before the method does, because an orchestrator's replay depends on it.
/// </summary>
internal sealed class FunctionInvoker
{
    private readonly IServiceScopeFactory scopes;
    private readonly TimeSpan timeout;
    private readonly ILoggerFactory loggers;
    private readonly FunctionExecutionDelegate pipeline;

    public FunctionInvoker(
        IServiceScopeFactory scopes, HostJson hostJson, ILoggerFactory loggers,
        IEnumerable<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> middleware)
    {
        this.scopes = scopes;
        this.loggers = loggers;
        timeout = hostJson.FunctionTimeout;
        pipeline = middleware.Reverse().Aggregate((FunctionExecutionDelegate)CallMethodAsync, (next, layer) => layer(next));
    }

    /// <summary>Runs the call in a scope of its own and returns its result; the function's own exception comes through as it is.</summary>
    public async Task<object?> InvokeAsync(LocalFunction function, Arrival arrival, CancellationToken cancellation)
    {
        await using var scope = scopes.CreateAsyncScope();
        return await InvokeAsync(function, arrival, scope.ServiceProvider, cancellation);
    }

    /// <summary>Runs the call in a scope that the caller owns (an HTTP request's).</summary>
    public async Task<object?> InvokeAsync(LocalFunction function, Arrival arrival, IServiceProvider services, CancellationToken cancellation)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        if (arrival is not OrchestrationArrival)
            limit.CancelAfter(timeout);
        var call = new LocalFunctionContext(function, arrival, services, limit.Token);
        if (arrival is HttpArrival http)
            call.Items[FunctionContextExtensions.HttpContextKey] = http.Http;
        var result = new LocalResult();
        call.Features.Set<InvocationResult>(result);
        call.Features.Set(call);

        var log = loggers.CreateLogger($"Function.{function.Name}");
        var level = arrival is HttpArrival or OrchestrationArrival or ActivityArrival ? LogLevel.Debug : LogLevel.Information;
        log.Log(level, "Executing {Function} ({InvocationId})", function.Name, call.InvocationId);
        var started = Stopwatch.GetTimestamp();
        try
        {
            await pipeline(call);
        }
        catch (OperationCanceledException e) when (limit.IsCancellationRequested && !cancellation.IsCancellationRequested)
        {
            throw new TimeoutException(
                $"Function '{function.Name}' was still running after {timeout} (functionTimeout of host.json) and was cancelled.", e);
        }
        log.Log(level, "Executed {Function} ({InvocationId}) in {Milliseconds} ms",
            function.Name, call.InvocationId, (long)Stopwatch.GetElapsedTime(started).TotalMilliseconds);
        return result.Value;
    }

    /// <summary>The innermost step. Middleware may have wrapped the context, so the host's own is found by feature.</summary>
    private static async Task CallMethodAsync(FunctionContext context)
    {
        var call = context.Features.Get<LocalFunctionContext>()
            ?? throw new InvalidOperationException("Middleware passed on a FunctionContext without the host's features.");
        var method = call.Function.Method;
        var arguments = new object?[call.Function.Binders.Count];
        for (var i = 0; i < arguments.Length; i++)
            arguments[i] = await call.Function.Binders[i](call);
        var instance = method.IsStatic ? null : ActivatorUtilities.CreateInstance(context.InstanceServices, method.DeclaringType!);
        context.GetInvocationResult().Value = await MethodResult.AwaitAsync(method, MethodResult.Call(method, instance, arguments));
    }
}
