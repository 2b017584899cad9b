using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;

namespace Tpo.Tests.Integration;

/// <summary>One storage emulator for all test classes of the run; each class takes an account of its own, so that nothing is shared but the process.</summary>
public static class SharedAzurite
{
    private const int Accounts = 24;
    private static readonly string Key = Convert.ToBase64String(RandomNumberGenerator.GetBytes(32));
    private static readonly Lazy<Task<int>> Port = new(StartAsync);
    private static int _taken;

    public static async Task<string> TakeConnectionStringAsync()
    {
        var port = await Port.Value;
        var account = $"tpo{Interlocked.Increment(ref _taken)}";
        return $"DefaultEndpointsProtocol=http;AccountName={account};AccountKey={Key};" +
               $"BlobEndpoint=http://127.0.0.1:{port}/{account};QueueEndpoint=http://127.0.0.1:{port + 1}/{account}";
    }

    private static async Task<int> StartAsync()
    {
        var port = FreePort.Take(3);
        var script = Path.Combine(Repository.Root, "infra/offline/node_modules/azurite/dist/src/azurite.js");
        var folder = Directory.CreateTempSubdirectory("tpo-azurite").FullName;
        var start = new ProcessStartInfo("node", [script, "--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", folder,
            "--blobPort", $"{port}", "--queuePort", $"{port + 1}", "--tablePort", $"{port + 2}"]);
        start.Environment["AZURITE_ACCOUNTS"] = string.Join(';', Enumerable.Range(1, Accounts).Select(i => $"tpo{i}:{Key}"));
        var process = Process.Start(start)!;
        AppDomain.CurrentDomain.ProcessExit += (_, _) =>
        {
            process.Kill(entireProcessTree: true);
            Directory.Delete(folder, recursive: true);
        };
        using var http = new HttpClient();
        for (var attempt = 0; attempt < 200; attempt++)
        {
            try
            {
                using var answer = await http.GetAsync($"http://127.0.0.1:{port}/");
                return port;
            }
            catch (HttpRequestException)
            {
                await Task.Delay(100);
            }
        }
        throw new InvalidOperationException("The storage emulator did not start within 20 s.");
    }
}

/// <summary>The repository that holds these tests, and what lies beside it.</summary>
public static class Repository
{
    public static string Root { get; } = Find();

    /// <summary>Material that may lie beside the repository (real clips, reference numbers); tests that want it skip where it is absent.</summary>
    public static string Shared => Path.Combine(Root, "..", "shared");

    private static string Find()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "TpoServerless.sln")))
            folder = folder.Parent ?? throw new InvalidOperationException("These tests do not lie in the repository.");
        return folder.FullName;
    }
}

public static class FreePort
{
    private static int _next = Random.Shared.Next(20_000, 28_000);

    /// <summary>The first of a run of free ports.</summary>
    public static int Take(int run = 1)
    {
        while (true)
        {
            var first = Interlocked.Add(ref _next, run) - run;
            if (Enumerable.Range(first, run).All(IsFree))
                return first;
        }
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
