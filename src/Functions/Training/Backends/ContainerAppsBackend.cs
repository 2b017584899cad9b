using System.Text.Json.Nodes;
using Azure.Core;
using Microsoft.Extensions.Configuration;
using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>
/// The job as an execution of an Azure Container Apps job. The platform names executions itself and takes a start at its word each time, so
/// each carries run and start in a variable: a start that is repeated looks for it first.
/// </summary>
public sealed class ContainerAppsBackend(ResourceManager azure, TpoStorage storage, TpoSettings settings, IConfiguration configuration) : ITrainingBackend
{
    private readonly PlatformRecords _records = new(storage);

    public string Name => TrainingBackends.ContainerApps;

    public TimeSpan Interval => TimeSpan.FromSeconds(settings.AzureLookSeconds);

    private string Job => settings.ContainerApps.JobId.TrimEnd('/');

    public async Task StartAsync(string runId, CancellationToken cancellation)
    {
        var before = await _records.FindAsync(runId, cancellation);
        if (before is not null && (await ExecutionAsync(runId, before, cancellation)).Job.State is not (PlatformState.Absent or PlatformState.Ended))
            return;
        var start = (before?.Start ?? 0) + 1;
        var name = NameOf(await FindAsync(runId, start, cancellation)) ?? await SubmitAsync(runId, start, cancellation);
        await _records.PutAsync(runId, new BackendJob(Name, start, name), new PlatformJob(PlatformState.Queued), cancellation);
    }

    /// <returns>the execution's name; empty where it was only accepted (202) and is named later</returns>
    private async Task<string> SubmitAsync(string runId, int start, CancellationToken cancellation)
    {
        var job = await azure.SendAsync(RequestMethod.Get, Job, ContainerAppsJob.ApiVersion, null, cancellation);
        if (job.Body?["properties"]?["template"]?["containers"] is not JsonArray { Count: > 0 } containers || containers[0] is not JsonObject container)
            throw new BackendException($"The Container Apps job '{Job}' (Tpo__ContainerApps__JobId) has no container in its template: give it the training job's image.");
        var template = ContainerAppsJob.Template(container, runId, start, StorageConnection.ByIdentity(configuration, settings.ContainerApps.IdentityClientId));
        return NameOf((await azure.SendAsync(RequestMethod.Post, $"{Job}/start", ContainerAppsJob.ApiVersion, template, cancellation)).Body) ?? "";
    }

    public async Task<PlatformJob> LookAsync(string runId, CancellationToken cancellation)
    {
        if (await _records.FindAsync(runId, cancellation) is not { } record)
            return new PlatformJob(PlatformState.Absent);
        var (job, name) = await ExecutionAsync(runId, record, cancellation);
        if (job.State == PlatformState.Ended)
            job = job with { Sentence = $"Azure Container Apps ended the execution '{name}' as {job.Word}." };
        await _records.PutAsync(runId, record with { Name = name }, job, cancellation);
        return job;
    }

    public async Task CancelAsync(string runId, CancellationToken cancellation)
    {
        if (await _records.FindAsync(runId, cancellation) is not { } record)
            return;
        var (job, name) = await ExecutionAsync(runId, record, cancellation);
        if (name.Length > 0 && job.State is not (PlatformState.Absent or PlatformState.Ended))
            await azure.SendAsync(RequestMethod.Post, $"{Job}/executions/{name}/stop", ContainerAppsJob.ApiVersion, null, cancellation, 404, 409);
    }

    public Task<string> LogTailAsync(string runId, CancellationToken cancellation) => JobLog.TailOfBlobAsync(storage, runId, cancellation);

    private async Task<(PlatformJob Job, string Name)> ExecutionAsync(string runId, BackendJob record, CancellationToken cancellation)
    {
        JsonNode? execution;
        if (record.Name.Length == 0)
        {
            // Accepted, and not listed yet.
            if ((execution = await FindAsync(runId, record.Start, cancellation)) is null)
                return (new PlatformJob(PlatformState.Queued), "");
        }
        else
        {
            // The job itself being gone answers 404 as well; a start then says so.
            var answer = await azure.SendAsync(RequestMethod.Get, $"{Job}/executions/{record.Name}", ContainerAppsJob.ApiVersion, null, cancellation, 404);
            if (answer.Status == 404)
                return (new PlatformJob(PlatformState.Absent), record.Name);
            execution = answer.Body;
        }
        return execution?["properties"]?["status"] is JsonValue value && value.TryGetValue<string>(out var status)
            ? (new PlatformJob(ContainerAppsJob.StateOf(status), status), NameOf(execution) ?? record.Name)
            : throw new BackendException($"Azure Container Apps gave no status of the execution '{record.Name}': its answer could not be read.", isPassing: true);
    }

    private async Task<JsonNode?> FindAsync(string runId, int start, CancellationToken cancellation)
    {
        for (var page = $"{Job}/executions"; page is not null;)
        {
            var answer = await azure.SendAsync(RequestMethod.Get, page, ContainerAppsJob.ApiVersion, null, cancellation);
            if (answer.Body?["value"] is not JsonArray executions)
                throw new BackendException($"Azure Container Apps gave no list of executions of '{Job}': its answer could not be read.", isPassing: true);
            if (executions.FirstOrDefault(execution => ContainerAppsJob.IsStart(execution, runId, start)) is { } found)
                return found;
            page = (string?)answer.Body["nextLink"];
        }
        return null;
    }

    private static string? NameOf(JsonNode? execution) => execution?["name"] is JsonValue value && value.TryGetValue<string>(out var name) && name.Length > 0 ? name : null;
}
