using System.Collections.Concurrent;
using Azure;
using Azure.Core;
using Azure.Core.Pipeline;
using Azure.Storage.Blobs;
using Azure.Storage.Queues;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>Opens storage by the name of the setting that holds the connection string, as `Connection = "X"` of a trigger means it.</summary>
/// <param name="policies">What a test puts into the app's services to watch or disturb each request, as it goes out on the wire.</param>
internal sealed class StorageConnections(IConfiguration settings, IEnumerable<HttpPipelinePolicy> policies)
{
    public const string HostStorage = "AzureWebJobsStorage";

    private readonly ConcurrentDictionary<string, BlobServiceClient> blobs = new(StringComparer.OrdinalIgnoreCase);
    private readonly ConcurrentDictionary<string, QueueServiceClient> queues = new(StringComparer.OrdinalIgnoreCase);

    public BlobServiceClient Blobs(string? name = null) =>
        blobs.GetOrAdd(Named(name), n => new BlobServiceClient(ConnectionString(n), Watched(new BlobClientOptions())));

    public QueueServiceClient Queues(string? name = null) =>
        queues.GetOrAdd(Named(name), n => new QueueServiceClient(ConnectionString(n), Watched(new QueueClientOptions())));

    public static string Named(string? name) => string.IsNullOrEmpty(name) ? HostStorage : name;

    /// <summary>Asks blob and queue storage once whether they are there; tries for a few seconds, since both may be starting too.</summary>
    public async Task CheckAsync(CancellationToken cancellation)
    {
        for (var attempt = 1; ; attempt++)
            try
            {
                var blobOptions = new BlobClientOptions { Retry = { MaxRetries = 0, NetworkTimeout = TimeSpan.FromSeconds(5) } };
                var queueOptions = new QueueClientOptions { Retry = { MaxRetries = 0, NetworkTimeout = TimeSpan.FromSeconds(5) } };
                await new BlobServiceClient(ConnectionString(HostStorage), blobOptions).GetPropertiesAsync(cancellation);
                await new QueueServiceClient(ConnectionString(HostStorage), queueOptions).GetPropertiesAsync(cancellation);
                return;
            }
            catch (RequestFailedException e) when (e.Status > 0)
            {
                throw new StartupException($"Storage at {Blobs().Uri} (setting {HostStorage}) refuses this app: {e.ErrorCode ?? e.Message}.", e);
            }
            catch (Exception e) when (e is RequestFailedException or TaskCanceledException or AggregateException && !cancellation.IsCancellationRequested)
            {
                if (attempt == 3)
                    throw new StartupException(
                        $"Storage at {Blobs().Uri} (setting {HostStorage}) does not answer: start Azurite with `./tpo up`, then start the app again.", e);
                await Task.Delay(TimeSpan.FromSeconds(1), cancellation);
            }
    }

    private T Watched<T>(T options) where T : ClientOptions
    {
        foreach (var policy in policies) options.AddPolicy(policy, HttpPipelinePosition.BeforeTransport);
        return options;
    }

    private string ConnectionString(string name)
    {
        var text = settings[name] ?? settings[$"AzureWebJobs{name}"] ?? settings.GetConnectionString(name);
        if (!string.IsNullOrWhiteSpace(text))
            return text;
        throw new StartupException(settings.GetSection(name).GetChildren().Any()
            ? $"The setting '{name}' names an Azure identity; the local host takes connection strings only: set '{name}' to one."
            : $"The setting '{name}' is missing: set it to a storage connection string (UseDevelopmentStorage=true for Azurite).");
    }
}
