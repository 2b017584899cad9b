using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;

namespace Microsoft.Azure.Functions.Worker.Middleware
{
    /// <summary>The rest of the pipeline: what runs when a middleware calls `next`.</summary>
    public delegate Task FunctionExecutionDelegate(FunctionContext context);

    /// <summary>Code around every invocation of every function. One instance serves the whole app.</summary>
    public interface IFunctionsWorkerMiddleware
    {
        Task Invoke(FunctionContext context, FunctionExecutionDelegate next);
    }
}

namespace Microsoft.Azure.Functions.Worker
{
    /// <summary>The part of the builder that middleware and extensions need.</summary>
    public interface IFunctionsWorkerApplicationBuilder
    {
        IServiceCollection Services { get; }

        IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware);
    }
}

namespace Microsoft.Extensions.Hosting
{
    /// <summary>Adds middleware; it runs in the order added, the first outermost.</summary>
    public static class MiddlewareWorkerApplicationBuilderExtensions
    {
        public static IFunctionsWorkerApplicationBuilder UseMiddleware<T>(this IFunctionsWorkerApplicationBuilder builder)
            where T : class, IFunctionsWorkerMiddleware
        {
            builder.Services.TryAddSingleton<T>();
            return builder.Use(next => context => context.InstanceServices.GetRequiredService<T>().Invoke(context, next));
        }

        public static IFunctionsWorkerApplicationBuilder UseMiddleware(
            this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, Func<Task>, Task> middleware) =>
            builder.Use(next => context => middleware(context, () => next(context)));

        public static IFunctionsWorkerApplicationBuilder UseWhen<T>(
            this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, bool> predicate)
            where T : class, IFunctionsWorkerMiddleware
        {
            builder.Services.TryAddSingleton<T>();
            return builder.Use(next => context => predicate(context)
                ? context.InstanceServices.GetRequiredService<T>().Invoke(context, next)
                : next(context));
        }

        public static IFunctionsWorkerApplicationBuilder UseWhen(
            this IFunctionsWorkerApplicationBuilder builder, Func<FunctionContext, bool> predicate,
            Func<FunctionContext, Func<Task>, Task> middleware) =>
            builder.Use(next => context => predicate(context) ? middleware(context, () => next(context)) : next(context));
    }
}
