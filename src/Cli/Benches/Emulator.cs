using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Tpo.Cli.Benches;

/// <summary>A storage emulator of a bench's own, in a process of its own, gone with this object. It counts the requests that it answers.</summary>
internal sealed class Emulator : IAsyncDisposable
{
    private const string Account = "devstoreaccount1";
    private const string Key = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="; // the emulator's own, no secret

    private readonly string _folder = Directory.CreateTempSubdirectory("tpo-bench-").FullName;
    private readonly Process _process;
    private long _requests;

    private Emulator(int blobPort, int queuePort, int tablePort, Action<string>? onRequest)
    {
        ConnectionString = $"DefaultEndpointsProtocol=http;AccountName={Account};AccountKey={Key};"
            + $"BlobEndpoint=http://127.0.0.1:{blobPort}/{Account};QueueEndpoint=http://127.0.0.1:{queuePort}/{Account}";
        _process = new Process
        {
            StartInfo = new ProcessStartInfo("node",
                [Path.Combine(Surroundings.Root, "infra/offline/node_modules/azurite/dist/src/azurite.js"), "--skipApiVersionCheck", "--disableTelemetry", "--location", _folder,
                    "--blobPort", $"{blobPort}", "--queuePort", $"{queuePort}", "--tablePort", $"{tablePort}"])
            { RedirectStandardOutput = true, RedirectStandardError = true },
        };
        // A line a request, in the form of a web server's log.
        _process.OutputDataReceived += (_, line) =>
        {
            if (line.Data?.Contains("HTTP/1.1\"", StringComparison.Ordinal) != true)
                return;
            Interlocked.Increment(ref _requests);
            onRequest?.Invoke(line.Data);
        };
    }

    public string ConnectionString { get; }

    public long Requests => Interlocked.Read(ref _requests);

    /// <param name="onRequest">gets every request's line, such as `127.0.0.1 - - [time] "PUT /account/container/name HTTP/1.1" 201 -`</param>
    public static async Task<Emulator> StartAsync(CancellationToken cancellation, Action<string>? onRequest = null)
    {
        var blobs = FreePort();
        var emulator = new Emulator(blobs, FreePort(), FreePort(), onRequest);
        emulator._process.Start();
        emulator._process.BeginOutputReadLine();
        emulator._process.BeginErrorReadLine();
        try
        {
            await AnswersAsync(new Uri($"http://127.0.0.1:{blobs}/"), emulator._process, cancellation);
            return emulator;
        }
        catch
        {
            await emulator.DisposeAsync();
            throw;
        }
    }

    /// <summary>Waits until somebody listens at the address.</summary>
    public static async Task AnswersAsync(Uri address, Process process, CancellationToken cancellation)
    {
        using var http = new HttpClient();
        for (var started = Stopwatch.StartNew(); ; await Task.Delay(100, cancellation))
            try
            {
                using var answer = await http.GetAsync(address, cancellation);
                return;
            }
            catch (HttpRequestException) when (started.Elapsed < TimeSpan.FromSeconds(60) && !process.HasExited)
            {
                // not listening yet
            }
    }

    public static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }
}
