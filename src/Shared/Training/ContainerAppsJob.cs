using System.Text.Json.Nodes;

namespace Tpo.Shared.Training;

/// <summary>
/// A run as one execution of an Azure Container Apps job, API version 2024-03-01 (azure-rest-api-specs, app, Jobs.json). Pure.
/// </summary>
public static class ContainerAppsJob
{
    public const string ApiVersion = "2024-03-01";

    /// <summary>Executions get names from the platform; this variable says which start of which run one is.</summary>
    private const string Marker = "TPO_START";

    private static readonly string[] Kept = ["name", "image", "command", "resources"];

    public static string MarkOf(string runId, int start) => $"{runId}-{start}";

    /// <summary>The template override: the job's own first container, with this run's arguments and variables.</summary>
    /// <param name="container">`properties.template.containers[0]` of the job</param>
    public static JsonObject Template(JsonObject container, string runId, int start, IEnumerable<KeyValuePair<string, string>> storage)
    {
        KeyValuePair<string, string>[] ours = [.. storage, new(Marker, MarkOf(runId, start))];
        var variables = new JsonArray([.. Variables(container).Where(variable => ours.All(own => own.Key != Text(variable, "name"))).Select(variable => variable.DeepClone())]);
        foreach (var (name, value) in ours)
            variables.Add(new JsonObject { ["name"] = name, ["value"] = value });
        var changed = new JsonObject(Kept.Where(container.ContainsKey).Select(field => KeyValuePair.Create(field, container[field]?.DeepClone())))
        {
            ["args"] = new JsonArray("train", "--run-id", runId),
            ["env"] = variables,
        };
        return new JsonObject { ["containers"] = new JsonArray(changed) };
    }

    /// <summary>Whether an execution, as `executions` lists it, is that start of that run.</summary>
    public static bool IsStart(JsonNode? execution, string runId, int start) =>
        execution?["properties"]?["template"]?["containers"] is JsonArray containers
        && containers.OfType<JsonObject>().SelectMany(Variables).Any(variable => Text(variable, "name") == Marker && Text(variable, "value") == MarkOf(runId, start));

    /// <summary>JobExecutionRunningState.</summary>
    public static PlatformState StateOf(string status) => status switch
    {
        "Processing" => PlatformState.Starting,
        "Running" or "Degraded" => PlatformState.Running,
        "Stopped" or "Failed" or "Succeeded" => PlatformState.Ended,
        _ => PlatformState.Unknown,
    };

    private static IEnumerable<JsonNode> Variables(JsonObject container) => container["env"] is JsonArray variables ? variables.OfType<JsonNode>() : [];

    private static string? Text(JsonNode node, string field) => (string?)node[field];
}
