using Microsoft.Extensions.Hosting;
using Tpo.Shared.Storage;

namespace Tpo.Functions;

/// <summary>Creates the product's blob containers once at start, so that a first upload or request finds them.</summary>
internal sealed class EnsureContainers(TpoStorage storage) : IHostedService
{
    public Task StartAsync(CancellationToken cancellation) => storage.EnsureContainersAsync(cancellation);

    public Task StopAsync(CancellationToken cancellation) => Task.CompletedTask;
}
