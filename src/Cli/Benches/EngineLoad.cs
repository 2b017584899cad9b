using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using Azure.Storage.Blobs;

namespace Tpo.Cli.Benches;

/// <summary>The load app (tests/EngineLoad) over a storage emulator of its own, both in processes of their own, gone with this object.</summary>
internal sealed class EngineLoad : IAsyncDisposable
{
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="; // the emulator's own, no secret

    private readonly string folder = Directory.CreateTempSubdirectory("tpo-bench-").FullName;
    private readonly List<Process> processes = [];
    private readonly HttpClient http = new() { Timeout = TimeSpan.FromMinutes(10) };
    private readonly string storage;

    private EngineLoad(int blobPort, int queuePort, int appPort)
    {
        storage = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
            + $"BlobEndpoint=http://127.0.0.1:{blobPort}/{Account};QueueEndpoint=http://127.0.0.1:{queuePort}/{Account}";
        http.BaseAddress = new Uri($"http://127.0.0.1:{appPort}/api/measure/");
    }

    /// <summary>How long a load took as its client saw it, and what the engine's process holds afterwards.</summary>
    public sealed record Measurement(int Count, double Seconds, double PerSecond, double ManagedMb, double ResidentMb);

    public BlobServiceClient Storage => new(storage);

    public static async Task<EngineLoad> StartAsync(CancellationToken cancellation)
    {
        var (blobs, queues, tables, app) = (FreePort(), FreePort(), FreePort(), FreePort());
        var load = new EngineLoad(blobs, queues, app);
        try
        {
            var azurite = Path.Combine(Surroundings.Root, "infra/offline/node_modules/azurite/dist/src/azurite.js");
            load.Start("node", [azurite, "--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", load.folder,
                "--blobPort", $"{blobs}", "--queuePort", $"{queues}", "--tablePort", $"{tables}"]);
            await load.AnswersAsync(new Uri($"http://127.0.0.1:{blobs}/"), cancellation);
            load.Start("dotnet", [Path.Combine(Surroundings.Root, "tests/EngineLoad/bin/Release/net10.0/Tpo.Tests.EngineLoad.dll"),
                $"--port={app}", $"--AzureWebJobsStorage={load.storage}"]);
            await load.AnswersAsync(load.http.BaseAddress!, cancellation);
            return load;
        }
        catch
        {
            await load.DisposeAsync();
            throw;
        }
    }

    /// <param name="load">`sequential?n=200`, `fanout?n=5000&amp;bytes=4000`, ...</param>
    public async Task<Measurement> MeasureAsync(string load, CancellationToken cancellation)
    {
        var answer = await http.PostAsync(load, null, cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Measurement>(cancellation))!;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var process in processes)
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
        http.Dispose();
        Directory.Delete(folder, recursive: true);
    }

    private void Start(string program, IEnumerable<string> arguments)
    {
        var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        processes.Add(process);
    }

    private async Task AnswersAsync(Uri address, CancellationToken cancellation)
    {
        for (var started = Stopwatch.StartNew(); ; await Task.Delay(100, cancellation))
            try
            {
                using var answer = await http.GetAsync(address, cancellation);
                return;
            }
            catch (HttpRequestException) when (started.Elapsed < TimeSpan.FromSeconds(60) && !processes[^1].HasExited)
            {
                // not listening yet
            }
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
