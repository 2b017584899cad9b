using System.Diagnostics;
using System.Net;

namespace Tpo.Tests.Conformance.Worker;

/// <summary>A function app as a process, ended as an init system or a container runtime ends it.</summary>
[Collection(FunctionAppCollection.Name)]
public sealed class SigtermTests(AzuriteFixture azurite)
{
    private static readonly string app = Path.Combine(
        AppContext.BaseDirectory.Replace("/tests/Conformance/", "/tests/EngineLoad/"), "Tpo.Tests.EngineLoad.dll");

    [Fact, Promise("7.4.1")]
    public async Task SIGTERM_ends_the_process_with_0_and_a_successor_can_start()
    {
        var storage = azurite.NewAccount();
        foreach (var _ in new[] { "first", "successor" })
        {
            using var process = Start(storage);
            try
            {
                var address = await AddressAsync(process);
                using var http = new HttpClient();
                Assert.Equal(HttpStatusCode.OK, (await http.GetAsync($"{address}/admin/host/status")).StatusCode);

                using (var kill = Process.Start("kill", ["-TERM", $"{process.Id}"]))
                    await kill.WaitForExitAsync();
                await process.WaitForExitAsync().WaitAsync(TimeSpan.FromSeconds(20));
                Assert.Equal(0, process.ExitCode);
            }
            finally
            {
                if (!process.HasExited)
                    process.Kill();
            }
        }
    }

    private static Process Start(string storage)
    {
        Assert.True(File.Exists(app), $"{app} is missing: build tests/EngineLoad.");
        var start = new ProcessStartInfo("dotnet", [app, "--port", "0"]) { RedirectStandardOutput = true };
        start.Environment["AzureWebJobsStorage"] = storage;
        return Process.Start(start)!;
    }

    /// <summary>The address in the banner, which is printed when the host is ready; the task hub's lease is held then.</summary>
    private static async Task<string> AddressAsync(Process process)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        while (await process.StandardOutput.ReadLineAsync(patience.Token) is { } line)
            if (line.StartsWith("Local function host at ", StringComparison.Ordinal))
            {
                _ = process.StandardOutput.ReadToEndAsync();
                return line.Split(' ')[4].TrimEnd(',');
            }
        throw new InvalidOperationException($"The app ended with exit code {process.ExitCode} before it was ready.");
    }
}
