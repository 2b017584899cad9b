using System.Diagnostics.CodeAnalysis;
using Microsoft.DurableTask;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>
/// The hub: a deterministic fold over the log's records, a little ahead of the store (<see cref="LogWriter"/>). Every decision (is the id
/// free, is this answer still awaited) is made here, in log order, and so comes out the same when the log is read again.
/// </summary>
internal sealed partial class HubState
{
    private readonly Dictionary<string, Instance> instances = new(StringComparer.Ordinal);
    private readonly Dictionary<(string Id, string Execution, int Task), ActivityCall> activities = [];

    public Lock Sync { get; } = new();

    /// <summary>Null while the log is being read back.</summary>
    public IHubEffects? Effects { get; set; }

    public IReadOnlyDictionary<string, Instance> Instances => instances;

    public IReadOnlyCollection<ActivityCall> UnansweredActivities => activities.Values;

    public bool IsUnanswered(ActivityCall call) => activities.ContainsKey((call.InstanceId, call.Execution, call.TaskId));

    /// <summary>Applies one record; returns how many instances it changed, 0 if it came too late or was refused.</summary>
    public int Apply(LogRecord record) => record switch
    {
        InstanceStarted start => Start(start),
        MessageArrived arrived => Arrive(arrived),
        EpisodeCompleted episode => Commit(episode),
        InstanceTerminated terminated => Terminate(terminated.Id, terminated),
        InstanceSuspended suspended => Suspend(suspended),
        InstanceResumed resumed => Resume(resumed),
        InstancePurged purged => Purge(purged.Id, purged.Recursive),
        InstancesRewound rewound => Rewind(rewound),
        HistoriesMoved moved => Move(moved),
        InstanceKept kept => Keep(kept),
        HistoryKept kept => Keep(kept),
        ActivityKept kept => Keep(kept.Call),
        SegmentBegan or SnapshotEnded or SegmentSealed => 0,
        _ => throw new InvalidDataException($"The durable log holds a record of an unknown kind: {record.GetType().Name}."),
    };

    /// <summary>The state as records that rebuild it.</summary>
    public LogRecord[] Snapshot() =>
        [.. instances.Values.Select(LogRecord (i) => i.ToRecord()), .. activities.Values.Select(call => new ActivityKept(call)),
            .. instances.Values.SelectMany(i => HistoryKept.PartsOf(i.Id, i.Execution, i.History))];

    private int Start(InstanceStarted start)
    {
        if (instances.TryGetValue(start.Id, out var existing))
        {
            if (start.RefusedBy.Contains(existing.StatusName())) return 0;
            if (!existing.IsFinished) End(existing, InstanceStatus.Terminated, start.At, null, null);
        }
        Begin(new Instance(start.Id, start.Name, start.At)
        {
            Execution = start.Execution, Input = start.Input, StartAt = start.StartAt, Tags = start.Tags,
            Version = start.Version,
        });
        return 1;
    }

    private void Begin(Instance instance)
    {
        instances[instance.Id] = instance;
        Effects?.Wake(instance, null);
        Effects?.Changed(instance.Id, instance);
    }

    private int Arrive(MessageArrived arrived)
    {
        if (arrived is { Message: Answer answer, Execution: not null }) activities.Remove((arrived.Id, arrived.Execution, answer.TaskId));
        if (!IsRunning(arrived.Id, arrived.Execution, out var instance)) return 0;
        instance.UpdatedAt = arrived.At;
        return Receive(instance, arrived.Message);
    }

    // An answer that nobody awaits (any more) is dropped here: a result enters history once, however often its activity ran.
    private int Receive(Instance instance, Message message)
    {
        if (message is Answer answer && !instance.Awaited.Remove(answer.TaskId)) return 0;
        instance.Inbox.Enqueue(message);
        Effects?.Wake(instance, message);
        return 1;
    }

    private int Keep(InstanceKept kept)
    {
        instances[kept.Id] = Instance.FromRecord(kept);
        return 1;
    }

    private int Keep(ActivityCall call)
    {
        activities[(call.InstanceId, call.Execution, call.TaskId)] = call;
        return 1;
    }

    private bool IsRunning(string id, string? execution, [NotNullWhen(true)] out Instance? instance) =>
        instances.TryGetValue(id, out instance) && !instance.IsFinished && (execution is null || execution == instance.Execution);
}
