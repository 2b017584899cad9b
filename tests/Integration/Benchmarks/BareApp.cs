using System.Diagnostics;

namespace Tpo.Tests.Integration.Benchmarks;

/// <summary>
/// The function app alone, as its own process, on a storage account that the test fills: no shipped model, no launcher. It asks for keys.
/// </summary>
public sealed class BareApp : IAsyncDisposable
{
    private const string MasterKey = "bare-master", HostKey = "bare-host";
    private readonly Dictionary<string, string> _environment;
    private readonly string _log;
    private Process? _process;

    public BareApp(string storage, string workFolder, IReadOnlyDictionary<string, string> settings)
    {
        var port = FreePort.Take();
        _log = Path.Combine(workFolder, "app.log");
        _environment = new Dictionary<string, string>(settings)
        {
            ["AzureWebJobsStorage"] = storage,
            ["TPO_PORT"] = $"{port}",
            ["Tpo__WorkFolder"] = workFolder,
            ["Tpo__FFmpegFolder"] = Path.Combine(Repository.Root, "infra/sandbox"),
            ["OMP_NUM_THREADS"] = "1",
            ["TPO_REPLAY_ALWAYS"] = "true", // as on Azure: an orchestrator that is not deterministic fails here
            ["TPO_REQUIRE_KEYS"] = "true",
            ["Host__Keys__master"] = MasterKey,
            ["Host__Keys__default"] = HostKey,
        };
        Http = new HttpClient(new WithKey()) { BaseAddress = new Uri($"http://127.0.0.1:{port}") };
    }

    public HttpClient Http { get; }
    public string Log => File.ReadAllText(_log);

    public async Task StartAsync()
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var app = Path.Combine(Repository.Root, "src/Functions/bin", configuration, "net10.0/Tpo.Functions.dll");
        Assert.True(File.Exists(app), $"'{app}' is not built: build src/Functions.");
        var start = new ProcessStartInfo("sh", ["-c", "exec dotnet \"$0\" >>\"$1\" 2>&1 </dev/null", app, _log]);
        foreach (var (name, value) in _environment)
            start.Environment[name] = value;
        _process = Process.Start(start)!;
        await House.EventuallyAsync("the app answers", TimeSpan.FromMinutes(2), async () =>
        {
            Assert.False(_process.HasExited, _process.HasExited ? Log : "");
            try
            {
                return (await Http.GetAsync("/api/health")).IsSuccessStatusCode ? "yes" : null;
            }
            catch (HttpRequestException)
            {
                return null;
            }
        });
    }

    /// <summary>What `./tpo` runs, against this app.</summary>
    public async Task<(int ExitCode, string Output)> CliAsync(params string[] arguments)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Parent!.Name;
        var cli = Path.Combine(Repository.Root, "src/Cli/bin", configuration, "net10.0/Tpo.Cli.dll");
        var start = new ProcessStartInfo("dotnet", [cli, .. arguments]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["TPO_URL"] = Http.BaseAddress!.ToString();
        start.Environment["TPO_KEY"] = HostKey;
        using var process = Process.Start(start)!;
        var output = await Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        await process.WaitForExitAsync();
        return (process.ExitCode, string.Concat(output));
    }

    /// <summary>A setting from the next start on; null = unset.</summary>
    public void Set(string name, string? value)
    {
        if (value is null)
            _environment.Remove(name);
        else
            _environment[name] = value;
    }

    /// <summary>`kill -9`: no farewell, nothing flushed.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
            await KillAsync();
        Http.Dispose();
    }

    /// <summary>The host key opens the app's functions, the master key alone the host's own addresses.</summary>
    private sealed class WithKey() : DelegatingHandler(new HttpClientHandler())
    {
        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellation)
        {
            request.Headers.Add("x-functions-key", request.RequestUri!.AbsolutePath.StartsWith("/admin/", StringComparison.Ordinal) ? MasterKey : HostKey);
            return base.SendAsync(request, cancellation);
        }
    }
}
