using System.Text.Json.Nodes;
using System.Xml;

namespace Tpo.Shared.Training;

/// <summary>
/// A run as a command job of Azure Machine Learning, API version 2024-04-01 (azure-rest-api-specs, machinelearningservices, mfe.json). Pure.
/// </summary>
public static class AzureMlJob
{
    public const string ApiVersion = "2024-04-01";

    /// <summary>One name a run and start: a start that is repeated names the same job.</summary>
    public static string NameOf(string runId, int start) => $"tpo-{runId}-{start}";

    /// <param name="storage">variables with which the job reaches storage; no secrets, since the workspace's readers see them</param>
    public static JsonObject Body(AzureMlSettings settings, string runId, int start, TrainingBudget? budget, IEnumerable<KeyValuePair<string, string>> storage)
    {
        var properties = new JsonObject
        {
            ["jobType"] = "Command",
            ["displayName"] = NameOf(runId, start),
            ["experimentName"] = settings.Experiment,
            ["command"] = $"sh /job.sh train --run-id {runId}",
            ["environmentId"] = settings.EnvironmentId,
            ["computeId"] = settings.ComputeId.Contains('/') ? settings.ComputeId : $"{settings.WorkspaceId}/computes/{settings.ComputeId}",
            ["resources"] = new JsonObject { ["instanceCount"] = 1 },
            ["environmentVariables"] = new JsonObject(storage.Select(variable => KeyValuePair.Create(variable.Key, (JsonNode?)variable.Value))),
            ["identity"] = Identity(settings.IdentityClientId),
            ["tags"] = new JsonObject { ["tpo-run"] = runId, ["tpo-start"] = $"{start}" },
        };
        if (budget is not null)
            properties["limits"] = new JsonObject { ["jobLimitsType"] = "Command", ["timeout"] = Timeout(budget) };
        if (settings.Datastore.Length > 0)
        {
            var folder = $"azureml:/{settings.WorkspaceId}/datastores/{settings.Datastore}/paths/{runId}/";
            properties["inputs"] = new JsonObject { ["run"] = new JsonObject { ["jobInputType"] = "uri_folder", ["mode"] = "Direct", ["uri"] = folder } };
            properties["outputs"] = new JsonObject { ["training"] = new JsonObject { ["jobOutputType"] = "uri_folder", ["mode"] = "Direct", ["uri"] = folder } };
        }
        return new JsonObject { ["properties"] = properties };
    }

    /// <summary>The statuses of JobBase; one that is not among them is not guessed at.</summary>
    public static PlatformState StateOf(string status) => status switch
    {
        "NotStarted" or "Queued" => PlatformState.Queued,
        "Preparing" or "Provisioning" or "Starting" => PlatformState.Starting,
        "Running" or "Finalizing" or "CancelRequested" or "Paused" => PlatformState.Running,
        "Completed" or "Failed" or "Canceled" => PlatformState.Ended,
        _ => PlatformState.Unknown,
    };

    /// <summary>ISO 8601 in whole seconds, which is as fine as the service takes it.</summary>
    private static string Timeout(TrainingBudget budget) => XmlConvert.ToString(TimeSpan.FromSeconds(Math.Ceiling(budget.MaxHours * 3600)));

    private static JsonObject Identity(string clientId)
    {
        var identity = new JsonObject { ["identityType"] = "Managed" };
        if (clientId.Length > 0)
            identity["clientId"] = clientId;
        return identity;
    }
}
