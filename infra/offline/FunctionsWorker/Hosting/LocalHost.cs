using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// The whole local function host as an IHost. What stops the start is told in one sentence on standard error, with exit code 1 and no stack.
/// </summary>
internal sealed class LocalHost(WebApplication web) : IHost, IAsyncDisposable
{
    public IServiceProvider Services => web.Services;

    public LocalHostRuntime Runtime => web.Services.GetRequiredService<LocalHostRuntime>();

    public async Task StartAsync(CancellationToken cancellation = default)
    {
        try
        {
            await StartOrThrowAsync(cancellation);
        }
        catch (StartupException e)
        {
            Console.Error.WriteLine(e.Message);
            Environment.ExitCode = 1;
            web.Lifetime.StopApplication(); // so that Run() returns at once
        }
    }

    public async Task StartOrThrowAsync(CancellationToken cancellation = default)
    {
        await Runtime.PrepareAsync(web, cancellation);
        await web.StartAsync(cancellation);
    }

    public Task StopAsync(CancellationToken cancellation = default) => web.StopAsync(cancellation);

    public void Dispose() => ((IDisposable)web).Dispose();

    public ValueTask DisposeAsync() => web.DisposeAsync();
}
