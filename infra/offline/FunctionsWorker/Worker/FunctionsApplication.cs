using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.Metrics;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Microsoft.Azure.Functions.Worker.Builder;

/// <summary>Where a function app starts: `FunctionsApplication.CreateBuilder(args)`.</summary>
public class FunctionsApplication
{
    public static FunctionsApplicationBuilder CreateBuilder(string[] args) => new(LocalHostBuilder.ForEntryAssembly(args));
}

/// <summary>Collects services, settings and middleware of a function app and builds its host, here the local one.</summary>
public class FunctionsApplicationBuilder : IHostApplicationBuilder, IFunctionsWorkerApplicationBuilder
{
    internal FunctionsApplicationBuilder(LocalHostBuilder local) => Local = local;

    internal LocalHostBuilder Local { get; }

    public IDictionary<object, object> Properties => ((IHostApplicationBuilder)Local.Web).Properties;

    public ConfigurationManager Configuration => Local.Web.Configuration;

    IConfigurationManager IHostApplicationBuilder.Configuration => Configuration;

    public IHostEnvironment Environment => Local.Web.Environment;

    public ILoggingBuilder Logging => Local.Web.Logging;

    public IMetricsBuilder Metrics => Local.Web.Metrics;

    public IServiceCollection Services => Local.Web.Services;

    public IFunctionsWorkerApplicationBuilder Use(Func<FunctionExecutionDelegate, FunctionExecutionDelegate> middleware)
    {
        Local.Middleware.Add(middleware);
        return this;
    }

    public void ConfigureContainer<TContainerBuilder>(
        IServiceProviderFactory<TContainerBuilder> factory, Action<TContainerBuilder>? configure = null)
        where TContainerBuilder : notnull =>
        ((IHostApplicationBuilder)Local.Web).ConfigureContainer(factory, configure);

    public IHost Build() => Local.Build();
}

public static class FunctionsApplicationBuilderAspNetCoreExtensions
{
    /// <summary>Serves HTTP functions with ASP.NET Core types (HttpRequest, IActionResult, IResult).</summary>
    public static FunctionsApplicationBuilder ConfigureFunctionsWebApplication(this FunctionsApplicationBuilder builder)
    {
        builder.Local.ServesHttp = true;
        return builder;
    }
}
