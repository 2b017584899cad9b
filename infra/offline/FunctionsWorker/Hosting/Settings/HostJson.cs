using System.Globalization;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>
/// The settings of host.json that the local host reads. A setting `AzureFunctionsJobHost__extensions__http__routePrefix` overrides the file,
/// as on Azure; keys that it does not know are ignored, as there. (logging.logLevel is read by LocalHostBuilder.)
/// The one default that differs is maxPollingInterval (2 s, not 1 min): one machine's queues are polled for people, not for bills.
/// </summary>
internal sealed record HostJson
{
    public string RoutePrefix { get; init; } = "api";
    public TimeSpan FunctionTimeout { get; init; } = TimeSpan.FromMinutes(30);
    public int BlobConcurrency { get; init; } = 8 * Environment.ProcessorCount;
    public int PoisonBlobThreshold { get; init; } = 5;
    public int QueueBatchSize { get; init; } = 16;

    /// <summary>The next batch is fetched while no more messages than these are worked on: at most batchSize + newBatchThreshold at a time.</summary>
    public int QueueNewBatchThreshold { get; init; } = 8;
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
        try
        {
            return From(File(appFolder, settings), settings);
        }
        catch (FormatException e)
        {
            throw Invalid(appFolder, e);
        }
    }

    /// <summary>The file's levels as the settings that .NET's logging reads: `logging.logLevel.Azure` is `Logging:LogLevel:Azure`.</summary>
    public static IReadOnlyDictionary<string, string?> LogLevels(string appFolder, IConfiguration settings) =>
        File(appFolder, settings).GetSection("logging:logLevel").GetChildren().ToDictionary(level => $"Logging:LogLevel:{level.Key}", level => level.Value);

    private static IConfiguration File(string appFolder, IConfiguration settings)
    {
        var path = PathIn(appFolder);
        var builder = new ConfigurationBuilder();
        try
        {
            if (System.IO.File.Exists(path))
                builder.AddJsonStream(new MemoryStream(System.IO.File.ReadAllBytes(path)));
            return builder.AddInMemoryCollection(settings.GetSection("AzureFunctionsJobHost").AsEnumerable(true)).Build();
        }
        catch (Exception e) when (e is FormatException or InvalidDataException or System.Text.Json.JsonException)
        {
            throw Invalid(appFolder, e);
        }
    }

    private static string PathIn(string appFolder) => Path.Combine(appFolder, "host.json");

    private static StartupException Invalid(string appFolder, Exception e) => new($"The file '{PathIn(appFolder)}' is not a valid host.json: {e.Message}", e);

    private static HostJson From(IConfiguration json, IConfiguration settings)
    {
        var defaults = new HostJson();
        var batchSize = Count("extensions:queues:batchSize", defaults.QueueBatchSize, most: 32);
        return new HostJson
        {
            RoutePrefix = json["extensions:http:routePrefix"]?.Trim('/') ?? defaults.RoutePrefix,
            FunctionTimeout = Span("functionTimeout", defaults.FunctionTimeout),
            BlobConcurrency = Count("extensions:blobs:maxDegreeOfParallelism", defaults.BlobConcurrency),
            PoisonBlobThreshold = Count("extensions:blobs:poisonBlobThreshold", defaults.PoisonBlobThreshold),
            QueueBatchSize = batchSize,
            QueueNewBatchThreshold = Count("extensions:queues:newBatchThreshold", batchSize / 2, least: 0),
            QueueMaxDequeueCount = Count("extensions:queues:maxDequeueCount", defaults.QueueMaxDequeueCount),
            QueueBase64 = !"none".Equals(json["extensions:queues:messageEncoding"], StringComparison.OrdinalIgnoreCase),
            QueueVisibilityTimeout = Span("extensions:queues:visibilityTimeout", defaults.QueueVisibilityTimeout),
            QueueMaxPollingInterval = Span("extensions:queues:maxPollingInterval", defaults.QueueMaxPollingInterval),
            HubName = Hub(SettingText.Expand(json["extensions:durableTask:hubName"] ?? defaults.HubName, settings, "hubName of host.json")),
            MaxConcurrentActivities = Count("extensions:durableTask:maxConcurrentActivityFunctions", defaults.MaxConcurrentActivities),
            MaxConcurrentOrchestrators = Count("extensions:durableTask:maxConcurrentOrchestratorFunctions", defaults.MaxConcurrentOrchestrators),
            AnyStateIsOverridable = "AnyState".Equals(json["extensions:durableTask:overridableExistingInstanceStates"], StringComparison.OrdinalIgnoreCase),
        };

        int Count(string key, int absent, int least = 1, int most = int.MaxValue) =>
            json[key] is not { } text ? absent
            : int.TryParse(text, CultureInfo.InvariantCulture, out var value) && value >= least && value <= most ? value
            : throw new FormatException($"'{key.Replace(':', '.')}' is '{text}', but must be a whole number "
                + (most < int.MaxValue ? $"from {least} to {most}." : $"not below {least}."));

        TimeSpan Span(string key, TimeSpan absent) =>
            json[key] is not { } text ? absent
            : text == "-1" ? Timeout.InfiniteTimeSpan
            : TimeSpan.TryParse(text, CultureInfo.InvariantCulture, out var value) ? value
            : throw new FormatException($"'{key.Replace(':', '.')}' is '{text}', but must be a time such as 00:00:30.");

        string Hub(string name) =>
            name.Length is >= 3 and <= 45 && char.IsAsciiLetter(name[0]) && name.All(char.IsAsciiLetterOrDigit) ? name
            : throw new FormatException(
                $"'extensions.durableTask.hubName' is '{name}', but must be a letter, then letters and digits, 3 to 45 together.");
    }
}
