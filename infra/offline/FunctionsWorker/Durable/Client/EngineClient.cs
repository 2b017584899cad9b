using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Client;

/// <summary>The client of the engine in this process. Every write returns once it is durable; every read sees only durable state.</summary>
internal sealed class EngineClient(DurableSettings settings, HubState hub, LogWriter log, Rewinder rewinder, Watchers watchers,
    IDurableFunctions functions, DataConverter converter) : DurableTaskClient(settings.HubName)
{
    // The default of the Functions host: an id may be taken over from an instance that has ended, and from no other.
    private static readonly string[] running =
    [
        nameof(OrchestrationRuntimeStatus.Pending),
        nameof(OrchestrationRuntimeStatus.Running),
        nameof(OrchestrationRuntimeStatus.Suspended),
    ];

    public override async Task<string> ScheduleNewOrchestrationInstanceAsync(TaskName orchestratorName, object? input = null,
        StartOrchestrationOptions? options = null, CancellationToken cancellation = default)
    {
        if (!functions.HasOrchestrator(orchestratorName))
            throw new ArgumentException($"The orchestrator '{orchestratorName}' does not exist in this app.", nameof(orchestratorName));
        return await StartAsync(orchestratorName, converter.Serialize(input), options, cancellation);
    }

    public override Task RaiseEventAsync(string instanceId, string eventName, object? eventPayload = null,
        CancellationToken cancellation = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var raised = new EventRaised(eventName, converter.Serialize(eventPayload));
        return log.AppendAsync(new MessageArrived(instanceId, null, raised, DateTimeOffset.UtcNow)).WaitAsync(cancellation);
    }

    public override Task<OrchestrationMetadata> WaitForInstanceStartAsync(string instanceId, bool getInputsAndOutputs = false,
        CancellationToken cancellation = default) =>
        WatchAsync(instanceId, i => i.Status != InstanceStatus.Pending, getInputsAndOutputs, cancellation);

    public override Task<OrchestrationMetadata> WaitForInstanceCompletionAsync(string instanceId, bool getInputsAndOutputs = false,
        CancellationToken cancellation = default) =>
        WatchAsync(instanceId, i => i.IsFinished, getInputsAndOutputs, cancellation);

    public override Task TerminateInstanceAsync(string instanceId, TerminateInstanceOptions? options = null,
        CancellationToken cancellation = default)
    {
        var output = converter.Serialize(options?.Output);
        var terminated = new InstanceTerminated(instanceId, output, options?.Recursive ?? false, DateTimeOffset.UtcNow);
        return ControlAsync(terminated, instanceId, cancellation);
    }

    public override Task SuspendInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        ControlAsync(new InstanceSuspended(instanceId, reason, DateTimeOffset.UtcNow), instanceId, cancellation);

    public override Task ResumeInstanceAsync(string instanceId, string? reason = null, CancellationToken cancellation = default) =>
        ControlAsync(new InstanceResumed(instanceId, reason, DateTimeOffset.UtcNow), instanceId, cancellation);

    public override async Task<OrchestrationMetadata?> GetInstancesAsync(string instanceId, bool getInputsAndOutputs = false,
        CancellationToken cancellation = default)
    {
        OrchestrationMetadata? found;
        lock (hub.Sync)
        {
            hub.Instances.TryGetValue(instanceId, out var instance);
            found = instance?.ToMetadata(converter, getInputsAndOutputs);
        }
        await log.BarrierAsync().WaitAsync(cancellation);
        return found;
    }

    public override AsyncPageable<OrchestrationMetadata> GetAllInstancesAsync(OrchestrationQuery? filter = null)
    {
        var query = filter ?? new OrchestrationQuery();
        var statuses = query.Statuses?.ToHashSet();
        return Pageable.Create(async (token, size, cancellation) =>
        {
            var page = ReadPage(query, statuses, token ?? query.ContinuationToken, size ?? query.PageSize);
            await log.BarrierAsync().WaitAsync(cancellation);
            return page;
        });
    }

    public override async Task<PurgeResult> PurgeInstanceAsync(string instanceId, PurgeInstanceOptions? options = null,
        CancellationToken cancellation = default) =>
        new(await log.AppendAsync(new InstancePurged(instanceId, options?.Recursive ?? false)).WaitAsync(cancellation));

    public override async Task<PurgeResult> PurgeAllInstancesAsync(PurgeInstancesFilter filter, PurgeInstanceOptions? options = null,
        CancellationToken cancellation = default)
    {
        var statuses = filter.Statuses?.ToHashSet();
        string[] ids;
        lock (hub.Sync)
        {
            ids = [.. hub.Instances.Values
                .Where(i => i.IsFinished && Matches(i, filter.CreatedFrom, filter.CreatedTo, statuses)).Select(i => i.Id)];
        }
        var purged = await Task.WhenAll(ids.Select(id => log.AppendAsync(new InstancePurged(id, options?.Recursive ?? false))))
            .WaitAsync(cancellation);
        return new(purged.Sum(), isComplete: true);
    }

    public override Task<string> RestartAsync(string instanceId, bool restartWithNewInstanceId = false,
        CancellationToken cancellation = default)
    {
        lock (hub.Sync)
        {
            if (!hub.Instances.TryGetValue(instanceId, out var instance))
                throw new ArgumentException($"There is no orchestration instance '{instanceId}'.", nameof(instanceId));
            var options = new StartOrchestrationOptions(restartWithNewInstanceId ? null : instanceId)
            {
                Tags = instance.Tags ?? new Dictionary<string, string>(), Version = instance.Version,
            };
            return StartAsync(instance.Name, instance.Input, options, cancellation);
        }
    }

    public override Task RewindInstanceAsync(string instanceId, string reason, CancellationToken cancellation = default) =>
        rewinder.RewindAsync(instanceId, reason, cancellation);

    public override ValueTask DisposeAsync() => ValueTask.CompletedTask;

    private async Task<string> StartAsync(string orchestrator, string? input, StartOrchestrationOptions? options,
        CancellationToken cancellation)
    {
        var id = options?.InstanceId ?? Guid.NewGuid().ToString("N");
        InstanceIds.Check(id);
        var start = new InstanceStarted(id, Guid.NewGuid().ToString("N"), orchestrator, input, DateTimeOffset.UtcNow, options?.StartAt,
            options?.Tags is { Count: > 0 } tags ? tags : null,
            options?.DedupeStatuses ?? (settings.AnyStateIsOverridable ? [] : running), options?.Version?.Version is { Length: > 0 } v ? v : null);
        if (await log.AppendAsync(start).WaitAsync(cancellation) > 0) return id;
        var status = (await GetInstanceAsync(id, cancellation))?.RuntimeStatus ?? OrchestrationRuntimeStatus.Running;
        throw new InvalidOperationException($"An orchestration instance with the ID '{id}' already exists and is {status}; "
            + "terminate or purge it first, or choose another ID.");
    }

    private async Task<OrchestrationMetadata> WatchAsync(string id, Func<Instance, bool> until, bool withData,
        CancellationToken cancellation)
    {
        await log.BarrierAsync().WaitAsync(cancellation);
        Task<Instance> watched;
        lock (hub.Sync) watched = watchers.Watch(Find(id), until, cancellation);
        var instance = await watched;
        OrchestrationMetadata seen;
        lock (hub.Sync) seen = instance.ToMetadata(converter, withData);
        await log.BarrierAsync().WaitAsync(cancellation);
        return seen;
    }

    private Task ControlAsync(LogRecord record, string id, CancellationToken cancellation)
    {
        lock (hub.Sync) Find(id);
        return log.AppendAsync(record).WaitAsync(cancellation);
    }

    private Instance Find(string id) => hub.Instances.TryGetValue(id, out var instance)
        ? instance
        : throw new InvalidOperationException($"There is no orchestration instance '{id}'.");

    private Page<OrchestrationMetadata> ReadPage(OrchestrationQuery query, HashSet<OrchestrationRuntimeStatus>? statuses, string? after,
        int size)
    {
        lock (hub.Sync)
        {
            var found = hub.Instances.Values
                .Where(i => (after is null || string.CompareOrdinal(i.Id, after) > 0)
                    && (query.InstanceIdPrefix is null || i.Id.StartsWith(query.InstanceIdPrefix, StringComparison.Ordinal))
                    && Matches(i, query.CreatedFrom, query.CreatedTo, statuses))
                .OrderBy(i => i.Id, StringComparer.Ordinal).Take(size + 1).ToArray();
            var page = found.Take(size).Select(i => i.ToMetadata(converter, query.FetchInputsAndOutputs)).ToArray();
            return new(page, found.Length > size ? page[^1].InstanceId : null);
        }
    }

    private static bool Matches(Instance instance, DateTimeOffset? from, DateTimeOffset? to,
        HashSet<OrchestrationRuntimeStatus>? statuses) =>
        (from is null || instance.CreatedAt >= from) && (to is null || instance.CreatedAt <= to)
        && (statuses is null || statuses.Contains(instance.RuntimeStatus()));
}
