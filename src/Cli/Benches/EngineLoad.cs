using System.Diagnostics;
using System.Net.Http.Json;
using Azure.Storage.Blobs;

namespace Tpo.Cli.Benches;

/// <summary>The load app (tests/EngineLoad) over a storage emulator of its own, both in processes of their own, gone with this object.</summary>
internal sealed class EngineLoad : IAsyncDisposable
{
    private readonly Emulator _emulator;
    private readonly Process _app;
    private readonly HttpClient _http = new() { Timeout = TimeSpan.FromMinutes(30) };

    private EngineLoad(Emulator emulator, int port)
    {
        _emulator = emulator;
        _http.BaseAddress = new Uri($"http://127.0.0.1:{port}/api/measure/");
        _app = Process.Start(new ProcessStartInfo("dotnet",
            [Path.Combine(Surroundings.Root, "tests/EngineLoad/bin/Release/net10.0/Tpo.Tests.EngineLoad.dll"), $"--port={port}", $"--AzureWebJobsStorage={emulator.ConnectionString}"])
        { RedirectStandardOutput = true, RedirectStandardError = true })!;
        _app.BeginOutputReadLine();
        _app.BeginErrorReadLine();
    }

    /// <summary>How long a load took as its client saw it, and what the engine's process holds afterwards.</summary>
    public sealed record Measurement(int Count, double Seconds, double PerSecond, double ManagedMb, double ResidentMb);

    public BlobServiceClient Storage => new(_emulator.ConnectionString);

    public static async Task<EngineLoad> StartAsync(CancellationToken cancellation)
    {
        var load = new EngineLoad(await Emulator.StartAsync(cancellation), Emulator.FreePort());
        try
        {
            await Emulator.AnswersAsync(load._http.BaseAddress!, load._app, cancellation);
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
        var answer = await _http.PostAsync(load, null, cancellation);
        answer.EnsureSuccessStatusCode();
        return (await answer.Content.ReadFromJsonAsync<Measurement>(cancellation))!;
    }

    public async ValueTask DisposeAsync()
    {
        if (!_app.HasExited) _app.Kill(entireProcessTree: true);
        await _app.WaitForExitAsync();
        _app.Dispose();
        _http.Dispose();
        await _emulator.DisposeAsync();
    }
}
