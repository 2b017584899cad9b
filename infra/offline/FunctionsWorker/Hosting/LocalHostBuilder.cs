using System.Net;
using System.Reflection;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.Memory;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// What FunctionsApplicationBuilder is on one machine: an ASP.NET Core application plus the function table. Settings, strongest first:
/// command line, environment, local.settings.json, appsettings.json, the log levels of host.json, and UseDevelopmentStorage=true where no
/// storage is named.
/// </summary>
internal sealed class LocalHostBuilder
{
    private readonly Func<IEnumerable<Type>> functionTypes;
    private StartupException? failure;

    private LocalHostBuilder(WebApplicationBuilder web, Func<IEnumerable<Type>> functionTypes)
    {
        Web = web;
        this.functionTypes = functionTypes;
    }

    public WebApplicationBuilder Web { get; }

    public List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> Middleware { get; } = [];

    public bool ServesHttp { get; set; }

    public static LocalHostBuilder ForEntryAssembly(string[] args)
    {
        var app = Assembly.GetEntryAssembly()!;
        return Create(args, AppContext.BaseDirectory, app, () => app.GetTypes());
    }

    /// <param name="appFolder">Where host.json and local.settings.json are looked for.</param>
    /// <param name="functionTypes">The classes whose [Function] methods are the app.</param>
    public static LocalHostBuilder Create(string[] args, string appFolder, Assembly app, Func<IEnumerable<Type>> functionTypes)
    {
        var web = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            Args = args,
            ApplicationName = app.GetName().Name,
            ContentRootPath = appFolder,
            EnvironmentName = Environment.GetEnvironmentVariable("AZURE_FUNCTIONS_ENVIRONMENT")
                ?? Environment.GetEnvironmentVariable("DOTNET_ENVIRONMENT") ?? Environments.Development,
        });
        web.Logging.AddFilter("Microsoft", LogLevel.Warning).AddFilter("Azure", LogLevel.Warning);
        // The worker's default, before the app's own changes; the official one too reads names ignoring case and writes them as declared.
        web.Services.Configure<JsonSerializerOptions>(json => json.PropertyNameCaseInsensitive = true);
        var builder = new LocalHostBuilder(web, functionTypes);
        try
        {
            AddFiles(web.Configuration, appFolder);
        }
        catch (StartupException e)
        {
            builder.failure = e; // told when the host starts, where every such sentence is told
        }
        return builder;
    }

    public IHost Build()
    {
        Web.Services.AddMvcCore();
        Web.Services.Configure<ConsoleLifetimeOptions>(console => console.SuppressStatusMessages = true);
        Web.Services.TryAddSingleton(TimeProvider.System);
        Web.Services.AddSingleton<WorkerSerializer>();
        Web.Services.AddSingleton<StorageConnections>();
        Web.Services.AddSingleton<LocalHostRuntime>();
        Web.Services.AddSingleton<IDurableClientSource>(services => services.GetRequiredService<LocalHostRuntime>());
        Web.Services.AddHostedService(services => services.GetRequiredService<LocalHostRuntime>());
        Web.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = 210_000_000; // the limit of the real host
            kestrel.Listen(LocalPort.AddressOf(Web.Configuration), LocalPort.Of(Web.Configuration));
        });
        Web.Services.AddSingleton(new LocalHostParts(functionTypes, [.. Middleware], ServesHttp, failure));
        return new LocalHost(Web.Build());
    }

    private static void AddFiles(ConfigurationManager configuration, string appFolder)
    {
        var sources = ((IConfigurationBuilder)configuration).Sources;
        var environment = sources.LastOrDefault(s => s is Microsoft.Extensions.Configuration.EnvironmentVariables.EnvironmentVariablesConfigurationSource);
        var local = LocalSettings.Read(appFolder);
        sources.Insert(environment is null ? sources.Count : sources.IndexOf(environment), new MemoryConfigurationSource { InitialData = local });
        sources.Insert(0, new MemoryConfigurationSource { InitialData = HostJson.LogLevels(appFolder, configuration) });
        sources.Insert(0, new MemoryConfigurationSource
        {
            InitialData = new Dictionary<string, string?> { [StorageConnections.HostStorage] = "UseDevelopmentStorage=true" },
        });
    }
}

/// <summary>What the builder hands to the runtime.</summary>
internal sealed record LocalHostParts(
    Func<IEnumerable<Type>> FunctionTypes, IReadOnlyList<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> Middleware, bool ServesHttp,
    StartupException? Failure);
