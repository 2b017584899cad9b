using Microsoft.DurableTask;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

internal enum InstanceStatus { Pending, Running, Completed, Failed, Terminated }

/// <summary>The parent's question that a sub-orchestration answers.</summary>
internal sealed record ParentLink(string Id, string Execution, string Name, int TaskId);

/// <summary>An activity to run, for one execution of one instance.</summary>
internal sealed record ActivityCall(string InstanceId, string Execution, int TaskId, string Name, string? Input);

/// <summary>One orchestration instance as the log tells it. Guarded by the hub's lock.</summary>
internal sealed class Instance(string id, string name, DateTimeOffset createdAt)
{
    public string Id { get; } = id;

    public string Name { get; } = name;

    public DateTimeOffset CreatedAt { get; } = createdAt;

    public required string Execution { get; set; }

    public string? Version { get; set; }

    public string? Input { get; set; }

    public ParentLink? Parent { get; init; }

    public DateTimeOffset UpdatedAt { get; set; } = createdAt;

    public DateTimeOffset? StartAt { get; init; }

    public IReadOnlyDictionary<string, string>? Tags { get; init; }

    public InstanceStatus Status { get; set; }

    public bool Suspended { get; set; }

    public string? CustomStatus { get; set; }

    public string? Output { get; set; }

    public TaskFailureDetails? Failure { get; set; }

    /// <summary>Episodes of the current or last execution; empty once they lie in the archive.</summary>
    public List<Episode> History { get; } = [];

    /// <summary>Where the history of the finished execution lies.</summary>
    public HistoryPlace? Archived { get; set; }

    /// <summary>Messages that no committed episode has taken yet.</summary>
    public Queue<Message> Inbox { get; } = new();

    /// <summary>Actions without an answer, by number.</summary>
    public Dictionary<int, TaskAction> Awaited { get; } = [];

    /// <summary>Ids of all sub-orchestrations, for recursive terminate and purge.</summary>
    public List<string> Children { get; } = [];

    public bool IsFinished => Status is InstanceStatus.Completed or InstanceStatus.Failed or InstanceStatus.Terminated;

    public InstanceKept ToRecord() => new(Id, Execution, Name, Input, Parent, CreatedAt, UpdatedAt, StartAt, Tags, Status, Suspended,
        CustomStatus, Output, Failure, [.. Inbox], [.. Awaited.Values], [.. Children],
        Version, Archived);

    public static Instance FromRecord(InstanceKept kept)
    {
        var instance = new Instance(kept.Id, kept.Name, kept.CreatedAt)
        {
            Execution = kept.Execution, Input = kept.Input, Parent = kept.Parent, UpdatedAt = kept.UpdatedAt, StartAt = kept.StartAt,
            Tags = kept.Tags, Status = kept.Status, Suspended = kept.Suspended, CustomStatus = kept.CustomStatus, Output = kept.Output,
            Failure = kept.Failure, Version = kept.Version, Archived = kept.Archived,
        };
        instance.Children.AddRange(kept.Children);
        foreach (var message in kept.Inbox) instance.Inbox.Enqueue(message);
        foreach (var action in kept.Awaited) instance.Awaited.Add(action.Id, action);
        return instance;
    }
}
