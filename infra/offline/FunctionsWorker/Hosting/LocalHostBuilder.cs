using System.Reflection;
using Microsoft.AspNetCore.Builder;
using Microsoft.Azure.Functions.Worker.Middleware;
using Microsoft.Extensions.Hosting;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>What FunctionsApplicationBuilder is on one machine: an ASP.NET Core application plus the function table.</summary>
internal sealed class LocalHostBuilder(WebApplicationBuilder web, Func<IEnumerable<Type>> functionTypes)
{
    public WebApplicationBuilder Web { get; } = web;

    public List<Func<FunctionExecutionDelegate, FunctionExecutionDelegate>> Middleware { get; } = [];

    public bool ServesHttp { get; set; }

    public static LocalHostBuilder ForEntryAssembly(string[] args)
    {
        var web = WebApplication.CreateSlimBuilder(new WebApplicationOptions { Args = args, ContentRootPath = AppContext.BaseDirectory });
        return new LocalHostBuilder(web, () => Assembly.GetEntryAssembly()!.GetTypes());
    }

    public IHost Build()
    {
        _ = functionTypes;
        return Web.Build();
    }
}
