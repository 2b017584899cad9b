using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Azure.Functions.Worker;
using Microsoft.Azure.Functions.Worker.Extensions.Abstractions;
using Microsoft.Extensions.Configuration;

namespace Tpo.Offline.FunctionsWorker.Hosting;

/// <summary>The names that a trigger brings to parameters of the same name, known before any call.</summary>
internal static class TriggerNames
{
    public static IReadOnlySet<string> Of(string function, TriggerBindingAttribute trigger, IConfiguration settings) => trigger switch
    {
        HttpTriggerAttribute http => Set(Route(function, http).Parameters.Select(p => p.Name)),
        BlobTriggerAttribute blob => Set([.. BlobPath.Parse(function, blob.BlobPath, settings).Names, "blobTrigger", "uri"]),
        QueueTriggerAttribute => Set(["queueTrigger", "id", "dequeueCount", "insertionTime", "expirationTime", "nextVisibleTime", "popReceipt"]),
        ActivityTriggerAttribute or OrchestrationTriggerAttribute => Set(["instanceId"]),
        _ => Set([]),
    };

    /// <summary>The route of an HTTP function below the prefix; its name where it has none.</summary>
    public static RoutePattern Route(string function, HttpTriggerAttribute trigger)
    {
        try
        {
            return RoutePatternFactory.Parse((trigger.Route ?? function).TrimStart('/'));
        }
        catch (RoutePatternException e)
        {
            throw new StartupException($"Function '{function}': the route '{trigger.Route}' is not a route template: {e.Message}", e);
        }
    }

    private static HashSet<string> Set(IEnumerable<string> names) => new(names, StringComparer.OrdinalIgnoreCase);
}
