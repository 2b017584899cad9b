using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Azure.Storage.Blobs;

namespace Tpo.Tests.Conformance;

/// <summary>Tests in this collection share one real Azurite, each with an account of its own.</summary>
[CollectionDefinition(Name)]
public sealed class AzuriteCollection : ICollectionFixture<AzuriteFixture>
{
    public const string Name = "Azurite";
}

/// <summary>Starts Azurite on free ports, with its data in a temporary folder, and ends it with the tests.</summary>
public sealed class AzuriteFixture : IAsyncLifetime
{
    private const int Accounts = 256;
    private readonly string folder = Directory.CreateTempSubdirectory("azurite-").FullName;
    private readonly int blobPort = FreePort();
    private readonly int queuePort = FreePort();
    private Process? process;
    private int taken;

    public async Task InitializeAsync()
    {
        var script = Path.Combine(RepositoryRoot(), "infra/offline/node_modules/azurite/dist/src/azurite.js");
        Assert.True(File.Exists(script), $"{script} is missing: run ./tpo setup.");
        var start = new ProcessStartInfo("node")
        {
            ArgumentList =
            {
                script, "--silent", "--skipApiVersionCheck", "--disableTelemetry", "--location", folder,
                "--blobPort", $"{blobPort}", "--queuePort", $"{queuePort}", "--tablePort", $"{FreePort()}",
            },
            RedirectStandardOutput = true,
        };
        start.Environment["AZURITE_ACCOUNTS"] = string.Join(';', Enumerable.Range(0, Accounts).Select(i => $"{Name(i)}:{Key(i)}"));
        process = Process.Start(start)!;
        _ = process.StandardOutput.ReadToEndAsync();
        var service = new BlobServiceClient(ConnectionString(0), new BlobClientOptions { Retry = { MaxRetries = 0 } });
        for (var deadline = DateTime.UtcNow.AddSeconds(60); ; await Task.Delay(100))
            try
            {
                await service.GetPropertiesAsync();
                return;
            }
            catch (Exception) when (DateTime.UtcNow < deadline && !process.HasExited)
            {
                // not listening yet
            }
    }

    /// <summary>The connection string of an account that no other test uses.</summary>
    public string NewAccount() => Interlocked.Increment(ref taken) is var account and < Accounts
        ? ConnectionString(account)
        : throw new InvalidOperationException($"The tests use more than {Accounts} storage accounts: raise {nameof(Accounts)}.");

    public async Task DisposeAsync()
    {
        if (process is not null)
        {
            process.Kill(entireProcessTree: true);
            await process.WaitForExitAsync();
            process.Dispose();
        }
        Directory.Delete(folder, recursive: true);
    }

    public static string RepositoryRoot()
    {
        for (var directory = new DirectoryInfo(AppContext.BaseDirectory); directory is not null; directory = directory.Parent)
            if (File.Exists(Path.Combine(directory.FullName, "TpoServerless.sln")))
                return directory.FullName;
        throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }

    private string ConnectionString(int account) =>
        $"DefaultEndpointsProtocol=http;AccountName={Name(account)};AccountKey={Key(account)};"
        + $"BlobEndpoint=http://127.0.0.1:{blobPort}/{Name(account)};QueueEndpoint=http://127.0.0.1:{queuePort}/{Name(account)};";

    private static string Name(int account) => $"test{account:D2}";

    private static string Key(int account) => Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Name(account))));

    public static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
