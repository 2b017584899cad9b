using System.Collections.Concurrent;
using System.Text.Json.Nodes;
using Microsoft.AspNetCore.Http;

namespace Tpo.Tests.Conformance.Backends;

/// <summary>A job or an execution: what it was started with, and the status it has now.</summary>
internal sealed class AzureJob(string name, JsonObject body)
{
    public string Name { get; } = name;
    public JsonObject Body { get; } = body;
    public string Status { get; set; } = "";

    public JsonObject Properties => (JsonObject)Body["properties"]!;

    /// <summary>A variable of the job's environment.</summary>
    public string? Variable(string variable) => (string?)Properties["environmentVariables"]?[variable]
        ?? (string?)(Properties["template"]?["containers"]?[0]?["env"] as JsonArray)?.FirstOrDefault(entry => (string?)entry!["name"] == variable)?["value"];
}

internal sealed partial class FakeAzure
{
    private static readonly string[] terminal = ["Completed", "Failed", "Canceled", "Succeeded", "Stopped"];
    private readonly ConcurrentDictionary<string, AzureJob> _jobs = new();
    private readonly ConcurrentDictionary<string, AzureJob> _executions = new();

    public ICollection<AzureJob> Jobs => _jobs.Values;
    public ICollection<AzureJob> Executions => _executions.Values;

    /// <summary>Called with each new job or execution.</summary>
    public Action<AzureJob> Started { get; set; } = _ => { };

    /// <summary>A start is accepted (202) and not told its name, as long operations may be.</summary>
    public bool AcceptsOnly { get; set; }

    private Task ServeWorkspaceAsync(HttpContext context, AzureRequest request, string rest)
    {
        if (context.Request.Query["api-version"] != "2024-04-01")
            return WrongVersionAsync(context);
        var name = rest.Split('/')[0];
        var known = _jobs.GetValueOrDefault(name);
        return (request.Method, rest == name) switch
        {
            ("PUT", true) => SubmitAsync(context, name, request.Body!, known),
            ("GET", true) when known is not null => AnswerAsync(context, 200, Tell(known)),
            ("POST", false) when rest == $"{name}/cancel" && known is not null => CancelAsync(context, known),
            _ => Error(404, "NotFound", $"Run {name} was not found.")(context),
        };
    }

    private Task SubmitAsync(HttpContext context, string name, JsonObject body, AzureJob? known)
    {
        if (known is not null)
            return JsonNode.DeepEquals(known.Body, body)
                ? AnswerAsync(context, 200, Tell(known))
                : Error(409, "Conflict", $"A job with the name {name} exists already and cannot be changed.")(context);
        foreach (var field in new[] { "jobType", "command", "environmentId", "computeId" })
            if (body["properties"]?[field] is null)
                return Error(400, "UserError", $"The {field} field is required.")(context);
        var job = _jobs[name] = new AzureJob(name, body) { Status = "NotStarted" };
        Started(job);
        return AnswerAsync(context, 201, Tell(job));
    }

    private static Task CancelAsync(HttpContext context, AzureJob job)
    {
        if (terminal.Contains(job.Status))
            return AnswerAsync(context, 200, new JsonObject());
        job.Status = "CancelRequested";
        context.Response.Headers.Location = $"https://{context.Request.Host}{Workspace}/operations/{job.Name}?api-version=2024-04-01";
        context.Response.Headers.RetryAfter = "5";
        context.Response.StatusCode = 202;
        return Task.CompletedTask;
    }

    private static JsonObject Tell(AzureJob job)
    {
        var properties = (JsonObject)job.Properties.DeepClone();
        properties["status"] = job.Status;
        properties["services"] = new JsonObject { ["Studio"] = new JsonObject { ["jobServiceType"] = "Studio", ["endpoint"] = $"https://ml.azure.com/runs/{job.Name}" } };
        return new JsonObject { ["id"] = $"{Workspace}/jobs/{job.Name}", ["name"] = job.Name, ["type"] = "Microsoft.MachineLearningServices/workspaces/jobs", ["properties"] = properties };
    }

    private Task ServeAppsAsync(HttpContext context, AzureRequest request, string rest)
    {
        if (context.Request.Query["api-version"] != "2024-03-01")
            return WrongVersionAsync(context);
        var parts = rest.Split('/', StringSplitOptions.RemoveEmptyEntries);
        return (request.Method, parts) switch
        {
            ("GET", []) => AnswerAsync(context, 200, TheAppsJob()),
            ("POST", ["start"]) => StartExecutionAsync(context, request.Body!),
            ("GET", ["executions"]) => ListAsync(context),
            ("GET", ["executions", var name]) when _executions.TryGetValue(name, out var found) => AnswerAsync(context, 200, TellExecution(found)),
            ("POST", ["executions", var name, "stop"]) when _executions.TryGetValue(name, out var found) => StopAsync(context, found),
            _ => Error(404, "JobExecutionNotFound", $"The job execution of '{rest}' was not found.")(context),
        };
    }

    private Task StartExecutionAsync(HttpContext context, JsonObject template)
    {
        var name = $"trainer-{Guid.NewGuid():N}"[..15];
        var execution = _executions[name] = new AzureJob(name, new JsonObject { ["properties"] = new JsonObject { ["template"] = template.DeepClone() } }) { Status = "Processing" };
        Started(execution);
        if (!AcceptsOnly)
            return AnswerAsync(context, 200, new JsonObject { ["name"] = name, ["id"] = $"{AppsJob}/executions/{name}" });
        context.Response.Headers.Location = $"https://{context.Request.Host}{AppsJob}/operations/{name}";
        context.Response.StatusCode = 202;
        return Task.CompletedTask;
    }

    /// <summary>One a page.</summary>
    private Task ListAsync(HttpContext context)
    {
        var all = _executions.Values.OrderBy(execution => execution.Name, StringComparer.Ordinal).ToList();
        var at = int.TryParse(context.Request.Query["at"], out var given) ? given : 0;
        var page = new JsonObject { ["value"] = new JsonArray([.. all.Skip(at).Take(1).Select(TellExecution)]) };
        if (at + 1 < all.Count)
            page["nextLink"] = $"https://{context.Request.Host}{AppsJob}/executions?api-version=2024-03-01&at={at + 1}";
        return AnswerAsync(context, 200, page);
    }

    private static Task StopAsync(HttpContext context, AzureJob execution)
    {
        execution.Status = "Stopped";
        context.Response.StatusCode = 202;
        return Task.CompletedTask;
    }

    private static JsonObject TellExecution(AzureJob execution)
    {
        var properties = (JsonObject)execution.Properties.DeepClone();
        properties["status"] = execution.Status;
        properties["startTime"] = "2026-03-01T12:00:00+00:00";
        return new JsonObject { ["name"] = execution.Name, ["id"] = $"{AppsJob}/executions/{execution.Name}", ["properties"] = properties };
    }

    private static JsonObject TheAppsJob() => (JsonObject)JsonNode.Parse("""
        {"name":"trainer","properties":{"workloadProfileName":"gpu","configuration":{"triggerType":"Manual","replicaTimeout":86400},
         "template":{"containers":[{"name":"job","image":"registry/tpo-gpujob:1","resources":{"cpu":24,"memory":"220Gi"},
           "env":[{"name":"Tpo__WorkFolder","value":"/tmp/tpo"}],"volumeMounts":[],"probes":[]}]}}}
        """)!;
}
