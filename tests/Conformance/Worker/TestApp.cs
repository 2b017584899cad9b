using System.Collections.Concurrent;
using Microsoft.Azure.Functions.Worker.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Hosting;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>Tests of function apps share an Azurite of their own: they mostly wait, and may do so while the engine's tests run.</summary>
[CollectionDefinition(Name)]
public sealed class FunctionAppCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Function apps";
}

/// <summary>
/// A small function app, hosted by the real local host in this process, on a free port. It asks for keys; <see cref="Http"/> shows the least
/// one that opens the address, and <see cref="Stranger"/> none.
/// </summary>
internal sealed class TestApp : IAsyncDisposable
{
    private static readonly string[] keys =
    [
        "TPO_REQUIRE_KEYS=true", $"Host:Keys:master={LeastKey.Master}", $"Host:Keys:default={LeastKey.Functions}",
        $"Host:Keys:blobs_extension={LeastKey.Blobs}", $"Host:Keys:durabletask_extension={LeastKey.Durable}",
    ];

    private readonly LocalHost host;

    private TestApp(LocalHost host)
    {
        this.host = host;
        Http = new HttpClient(new LeastKey()) { BaseAddress = new Uri(host.Runtime.Address), Timeout = TimeSpan.FromSeconds(30) };
        Stranger = new HttpClient { BaseAddress = Http.BaseAddress };
    }

    public HttpClient Http { get; }

    public HttpClient Stranger { get; }

    public IServiceProvider Services => host.Services;

    /// <param name="functions">The classes whose functions are the app.</param>
    /// <param name="settings">`Name=value` each, as if given on the command line.</param>
    public static Task<TestApp> StartAsync(
        string storage, Type[] functions, Action<FunctionsApplicationBuilder>? configure = null, params string[] settings) =>
        StartAsync(Build(storage, functions, configure, settings));

    /// <summary>An app whose host.json and local.settings.json lie in this folder; only its port is given.</summary>
    public static Task<TestApp> StartInAsync(string folder, Type[] functions, params string[] settings) =>
        StartAsync(BuildIn(folder, functions, null, ["port=0", .. settings]));

    private static async Task<TestApp> StartAsync(LocalHost host)
    {
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

    public static LocalHost Build(string storage, Type[] functions, Action<FunctionsApplicationBuilder>? configure, params string[] settings) =>
        BuildIn(AppContext.BaseDirectory, functions, configure, ["port=0", $"AzureWebJobsStorage={storage}", .. keys, .. settings]);

    private static LocalHost BuildIn(string folder, Type[] functions, Action<FunctionsApplicationBuilder>? configure, IEnumerable<string> settings)
    {
        string[] args = [.. settings.Select(s => $"--{s}")];
        var builder = new FunctionsApplicationBuilder(LocalHostBuilder.Create(args, folder, typeof(TestApp).Assembly, () => functions));
        builder.ConfigureFunctionsWebApplication();
        builder.Logging.SetMinimumLevel(LogLevel.Warning);
        builder.Services.AddSingleton<Seen>();
        configure?.Invoke(builder);
        return (LocalHost)builder.Build();
    }

    /// <summary>What the functions wrote down.</summary>
    public Seen Seen => Services.GetRequiredService<Seen>();

    /// <summary>What SIGTERM does.</summary>
    public Task StopAsync() => host.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        Stranger.Dispose();
        await host.StopAsync();
        await host.DisposeAsync();
    }
}

/// <summary>Shows with each request the weakest key that opens its address, unless the request has one.</summary>
internal sealed class LeastKey() : DelegatingHandler(new HttpClientHandler())
{
    public const string Master = "test-master", Functions = "test-functions", Blobs = "test-blobs", Durable = "test-durable";

    protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
    {
        var path = request.RequestUri!.AbsolutePath;
        if (!request.Headers.Contains("x-functions-key") && !request.RequestUri.Query.Contains("code="))
            request.Headers.Add("x-functions-key",
                path.StartsWith("/admin/") ? Master
                : path.StartsWith("/runtime/webhooks/blobs") ? Blobs
                : path.StartsWith("/runtime/webhooks/durabletask") ? Durable
                : Functions);
        return base.SendAsync(request, cancellation);
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

/// <summary>Writes the errors that are logged into the notebook.</summary>
internal sealed class SeenErrors(Seen seen) : ILoggerProvider, ILogger
{
    public ILogger CreateLogger(string category) => this;

    public bool IsEnabled(LogLevel level) => level >= LogLevel.Error;

    public void Log<TState>(LogLevel level, EventId id, TState state, Exception? error, Func<TState, Exception?, string> text)
    {
        if (IsEnabled(level))
            seen.Add(text(state, error));
    }

    public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

    public void Dispose()
    {
    }
}
