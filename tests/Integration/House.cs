using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Tpo.Shared;
using Tpo.Shared.Storage;

namespace Tpo.Tests.Integration;

/// <summary>
/// The real product, started as its user starts it: `./tpo up` with a folder, ports and a storage account of its own.
/// It can be killed in the middle and started again.
/// </summary>
public sealed class House : IAsyncDisposable
{
    private readonly Dictionary<string, string> _environment;

    private House(string home, int port, string storage, IReadOnlyDictionary<string, string> settings)
    {
        Home = home;
        Storage = TpoStorage.FromConnectionString(storage);
        Http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
        _environment = new Dictionary<string, string>(settings)
        {
            ["TPO_HOME"] = home,
            ["TPO_PORT"] = $"{port}",
            ["TPO_STORAGE"] = storage,
        };
    }

    public string Home { get; }
    public TpoStorage Storage { get; }
    public Catalog Catalog => new(Storage);
    public HttpClient Http { get; }

    public static async Task<House> StartAsync(IReadOnlyDictionary<string, string>? settings = null)
    {
        var house = new House(
            Directory.CreateTempSubdirectory("tpo-house").FullName, FreePort.Take(),
            await SharedAzurite.TakeConnectionStringAsync(), settings ?? new Dictionary<string, string>());
        await house.UpAsync();
        return house;
    }

    public async Task UpAsync()
    {
        var (code, output) = await TpoAsync("up");
        Assert.True(code == 0, output);
    }

    /// <summary>Runs `./tpo` as a person would; returns the exit code and everything it printed.</summary>
    public async Task<(int Code, string Output)> TpoAsync(params string[] arguments)
    {
        // A file, not a pipe: the parts that `up` starts would hold a pipe open for ever.
        var log = Path.Combine(Home, $"tpo-{Guid.NewGuid():N}.log");
        var start = new ProcessStartInfo("sh", ["-c", "exec \"$@\" >\"$0\" 2>&1 </dev/null", log, Path.Combine(Repository.Root, "tpo"), .. arguments])
        {
            WorkingDirectory = Repository.Root,
        };
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        using var process = Process.Start(start)!;
        await process.WaitForExitAsync();
        return (process.ExitCode, await File.ReadAllTextAsync(log));
    }

    /// <summary>`kill -9` of the function app: no farewell, nothing flushed.</summary>
    public void KillApp()
    {
        var pid = int.Parse(File.ReadAllText(Path.Combine(Home, "run", "app.pid")));
        using var app = Process.GetProcessById(pid);
        app.Kill();
        app.WaitForExit(10_000);
    }

    public string AppLog => File.ReadAllText(Path.Combine(Home, "logs", "app.log"));

    public async Task<T> GetAsync<T>(string path) => (await Http.GetFromJsonAsync<T>(path, TpoJson.Options))!;

    public Task<HttpResponseMessage> PostAsync(string path, object body) => Http.PostAsJsonAsync(path, body, TpoJson.Options);

    /// <summary>Waits until the condition gives something; says what it waited for when time is up.</summary>
    public static async Task<T> EventuallyAsync<T>(string what, TimeSpan within, Func<Task<T?>> condition) where T : class
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (await condition() is { } found)
                return found;
            if (clock.Elapsed > within)
                throw new TimeoutException($"After {within.TotalSeconds:F0} s still not: {what}.");
            await Task.Delay(100);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await TpoAsync("down");
        Http.Dispose();
        Directory.Delete(Home, recursive: true);
    }
}
