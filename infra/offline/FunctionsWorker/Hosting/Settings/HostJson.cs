using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// The settings of host.json that the local host reads. A setting `AzureFunctionsJobHost__extensions__http__routePrefix` overrides the file,
/// as on Azure. The one default that differs is maxPollingInterval (2 s, not 1 min): one machine's queues are polled for people, not for bills.
/// </summary>
internal sealed record HostJson
{
    public string RoutePrefix { get; init; } = "api";
    public TimeSpan FunctionTimeout { get; init; } = TimeSpan.FromMinutes(30);
    public int BlobConcurrency { get; init; } = 8 * Environment.ProcessorCount;
    public int PoisonBlobThreshold { get; init; } = 5;
    public int QueueBatchSize { get; init; } = 16;
    public int QueueMaxDequeueCount { get; init; } = 5;
    public bool QueueBase64 { get; init; } = true;
    public TimeSpan QueueVisibilityTimeout { get; init; } = TimeSpan.Zero;
    public TimeSpan QueueMaxPollingInterval { get; init; } = TimeSpan.FromSeconds(2);
    public string HubName { get; init; } = "TestHubName";
    public int MaxConcurrentActivities { get; init; } = 10 * Environment.ProcessorCount;
    public int MaxConcurrentOrchestrators { get; init; } = 10 * Environment.ProcessorCount;
    public bool AnyStateIsOverridable { get; init; }

    public static HostJson Read(string appFolder, IConfiguration settings)
    {
        var path = Path.Combine(appFolder, "host.json");
        var builder = new ConfigurationBuilder();
        try
        {
            if (File.Exists(path))
                builder.AddJsonStream(new MemoryStream(File.ReadAllBytes(path)));
            return From(builder.AddInMemoryCollection(settings.GetSection("AzureFunctionsJobHost").AsEnumerable(true)).Build(), settings);
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw new StartupException($"The file '{path}' is not a valid host.json: {e.Message}", e);
        }
    }

    private static HostJson From(IConfiguration json, IConfiguration settings)
    {
        var defaults = new HostJson();
        return new HostJson
        {
            RoutePrefix = json["extensions:http:routePrefix"]?.Trim('/') ?? defaults.RoutePrefix,
            FunctionTimeout = Span("functionTimeout", defaults.FunctionTimeout),
            BlobConcurrency = Count("extensions:blobs:maxDegreeOfParallelism", defaults.BlobConcurrency),
            PoisonBlobThreshold = Count("extensions:blobs:poisonBlobThreshold", defaults.PoisonBlobThreshold),
            QueueBatchSize = Count("extensions:queues:batchSize", defaults.QueueBatchSize),
            QueueMaxDequeueCount = Count("extensions:queues:maxDequeueCount", defaults.QueueMaxDequeueCount),
            QueueBase64 = !"none".Equals(json["extensions:queues:messageEncoding"], StringComparison.OrdinalIgnoreCase),
            QueueVisibilityTimeout = Span("extensions:queues:visibilityTimeout", defaults.QueueVisibilityTimeout),
            QueueMaxPollingInterval = Span("extensions:queues:maxPollingInterval", defaults.QueueMaxPollingInterval),
            HubName = SettingText.Expand(json["extensions:durableTask:hubName"] ?? defaults.HubName, settings, "hubName of host.json"),
            MaxConcurrentActivities = Count("extensions:durableTask:maxConcurrentActivityFunctions", defaults.MaxConcurrentActivities),
            MaxConcurrentOrchestrators = Count("extensions:durableTask:maxConcurrentOrchestratorFunctions", defaults.MaxConcurrentOrchestrators),
            AnyStateIsOverridable = "AnyState".Equals(json["extensions:durableTask:overridableExistingInstanceStates"], StringComparison.OrdinalIgnoreCase),
        };

        int Count(string key, int absent) =>
            json[key] is not { } text ? absent
            : int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value > 0 ? value
            : throw new FormatException($"'{key.Replace(':', '.')}' is '{text}', but must be a whole number above 0.");

        TimeSpan Span(string key, TimeSpan absent) =>
            json[key] is not { } text ? absent
            : text == "-1" ? Timeout.InfiniteTimeSpan
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value
            : throw new FormatException($"'{key.Replace(':', '.')}' is '{text}', but must be a time such as 00:00:30.");
    }
}
