using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>A small function app, hosted by the real local host in this process, on a free port.</summary>
internal sealed class TestApp : IAsyncDisposable
{
    private readonly LocalHost host;

    private TestApp(LocalHost host)
    {
        this.host = host;
        Http = new HttpClient { BaseAddress = new Uri(host.Runtime.Address), Timeout = TimeSpan.FromSeconds(30) };
    }

    public HttpClient Http { get; }

    public IServiceProvider Services => host.Services;

    /// <param name="functions">The classes whose functions are the app.</param>
    /// <param name="settings">`Name=value` each.</param>
    public static async Task<TestApp> StartAsync(
        string storage, Type[] functions, Action<FunctionsApplicationBuilder>? configure = null, params string[] settings)
    {
        var host = Build(storage, functions, configure, settings);
        try
        {
            await host.StartOrThrowAsync();
            return new TestApp(host);
        }
        catch
        {
            await host.DisposeAsync();
            throw;
        }
    }

    public static LocalHost Build(string storage, Type[] functions, Action<FunctionsApplicationBuilder>? configure, params string[] settings)
    {
        string[] args = ["--port=0", $"--AzureWebJobsStorage={storage}", .. settings.Select(s => $"--{s}")];
        var builder = new FunctionsApplicationBuilder(LocalHostBuilder.Create(args, AppContext.BaseDirectory, typeof(TestApp).Assembly, () => functions));
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<Seen>();
        configure?.Invoke(builder);
        return (LocalHost)builder.Build();
    }

    /// <summary>What the functions wrote down.</summary>
    public Seen Seen => Services.GetRequiredService<Seen>();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        await host.StopAsync();
        await host.DisposeAsync();
    }
}

/// <summary>The notebook of the test functions.</summary>
internal sealed class Seen
{
    private readonly ConcurrentQueue<string> notes = new();

    public IReadOnlyList<string> Notes => [.. notes];

    public void Add(string note) => notes.Enqueue(note);

    /// <summary>Waits until there are that many notes; the notes there are when time is up are in the failure.</summary>
    public async Task<IReadOnlyList<string>> WaitForAsync(int count, int seconds = 30)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(seconds); notes.Count < count && DateTime.UtcNow < deadline; await Task.Delay(20)) ;
        Assert.True(notes.Count >= count, $"expected {count} notes, found {notes.Count}: {string.Join(" | ", notes)}");
        return Notes;
    }
}
