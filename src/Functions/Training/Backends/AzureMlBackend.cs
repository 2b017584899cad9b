using System.Text.Json.Nodes;
using Azure.Core;
using Microsoft.Extensions.Configuration;
using Tpo.Shared;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>
/// The job as a command job of Azure Machine Learning, through Azure Resource Manager (the service's own SDK exists for Python alone). Its name
/// follows from run and start, so that a start that is repeated finds the job and starts nothing twice.
/// </summary>
public sealed class AzureMlBackend(ResourceManager azure, TpoStorage storage, TpoSettings settings, IConfiguration configuration) : ITrainingBackend
{
    /// <summary>What Azure Resource Manager says where the workspace is missing, and not only the job.</summary>
    private static readonly string[] noWorkspace = ["ResourceNotFound", "ResourceGroupNotFound", "SubscriptionNotFound", "ParentResourceNotFound"];

    private readonly PlatformRecords _records = new(storage);

    public string Name => TrainingBackends.AzureMl;

    public TimeSpan Interval => TimeSpan.FromSeconds(settings.AzureLookSeconds);

    public async Task StartAsync(string runId, CancellationToken cancellation)
    {
        var before = await _records.FindAsync(runId, cancellation);
        if (before is not null && (await JobAsync(before.Name, cancellation)).Job.State is not (PlatformState.Absent or PlatformState.Ended))
            return;
        var start = (before?.Start ?? 0) + 1;
        var name = AzureMlJob.NameOf(runId, start);
        if ((await JobAsync(name, cancellation)).Job.State == PlatformState.Absent)
            await SubmitAsync(runId, start, cancellation);
        var (job, link) = await JobAsync(name, cancellation);
        await _records.PutAsync(runId, new BackendJob(Name, start, name) { Link = link }, job, cancellation);
    }

    /// <summary>409: a job of that name is there already, from a start whose answer was lost.</summary>
    private async Task SubmitAsync(string runId, int start, CancellationToken cancellation)
    {
        var request = await storage.ReadJsonAsync<TrainingRequest>(Containers.Training, TrainingBlobs.Request(runId), cancellation);
        var variables = StorageConnection.ByIdentity(configuration, settings.AzureMl.IdentityClientId);
        var body = AzureMlJob.Body(settings.AzureMl, runId, start, request.Budget, variables);
        await azure.SendAsync(RequestMethod.Put, PathOf(AzureMlJob.NameOf(runId, start)), AzureMlJob.ApiVersion, body, cancellation, 409);
    }

    public async Task<PlatformJob> LookAsync(string runId, CancellationToken cancellation)
    {
        if (await _records.FindAsync(runId, cancellation) is not { } record)
            return new PlatformJob(PlatformState.Absent);
        var (job, link) = await JobAsync(record.Name, cancellation);
        if (job.State == PlatformState.Ended)
            job = job with { Sentence = await EndAsync(runId, record.Name, job.Word!, link ?? record.Link, cancellation) };
        await _records.PutAsync(runId, record with { Link = link ?? record.Link }, job, cancellation);
        return job;
    }

    public async Task CancelAsync(string runId, CancellationToken cancellation)
    {
        if (await _records.FindAsync(runId, cancellation) is { } record)
            await azure.SendAsync(RequestMethod.Post, $"{PathOf(record.Name)}/cancel", AzureMlJob.ApiVersion, null, cancellation, 404, 409); // gone, or ended by itself
    }

    public Task<string> LogTailAsync(string runId, CancellationToken cancellation) => JobLog.TailOfBlobAsync(storage, runId, cancellation);

    private async Task<(PlatformJob Job, string? Link)> JobAsync(string name, CancellationToken cancellation)
    {
        ArmAnswer answer;
        try
        {
            answer = await azure.SendAsync(RequestMethod.Get, PathOf(name), AzureMlJob.ApiVersion, null, cancellation);
        }
        catch (BackendException e) when (e.Status == 404 && !noWorkspace.Contains(e.Code))
        {
            return (new PlatformJob(PlatformState.Absent), null);
        }
        var properties = answer.Body?["properties"] as JsonObject;
        if (properties?["status"] is not JsonValue value || !value.TryGetValue<string>(out var status))
            throw new BackendException($"Azure Machine Learning gave no status of the job '{name}': its answer could not be read.", isPassing: true);
        return (new PlatformJob(AzureMlJob.StateOf(status), status), ((properties["services"] as JsonObject)?["Studio"] as JsonObject)?["endpoint"]?.ToString());
    }

    private async Task<string> EndAsync(string runId, string name, string status, string? link, CancellationToken cancellation)
    {
        var request = await storage.ReadJsonAsync<TrainingRequest>(Containers.Training, TrainingBlobs.Request(runId), cancellation);
        var budget = status == "Canceled" && request.Budget is { } given ? FormattableString.Invariant($" Its budget of {given.MaxHours} hours (budget.maxHours) is its timeout there.") : "";
        return $"Azure Machine Learning ended the job '{name}' as {status}.{budget}{(link is null ? "" : $" See {link} .")}";
    }

    private string PathOf(string name) => $"{settings.AzureMl.WorkspaceId.TrimEnd('/')}/jobs/{name}";
}
