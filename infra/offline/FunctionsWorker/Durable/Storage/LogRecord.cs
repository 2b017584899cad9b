using System.Text.Json.Serialization;
using Microsoft.DurableTask;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Offline.FunctionsWorker.Durable.Storage;

/// <summary>One line of the log. The hub's whole state is the fold of these, in order; nothing else is stored.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "record")]
[JsonDerivedType(typeof(SegmentBegan), "segment")]
[JsonDerivedType(typeof(SnapshotEnded), "snapshot")]
[JsonDerivedType(typeof(SegmentSealed), "sealed")]
[JsonDerivedType(typeof(InstanceStarted), "start")]
[JsonDerivedType(typeof(MessageArrived), "message")]
[JsonDerivedType(typeof(EpisodeCompleted), "episode")]
[JsonDerivedType(typeof(InstanceTerminated), "terminate")]
[JsonDerivedType(typeof(InstanceSuspended), "suspend")]
[JsonDerivedType(typeof(InstanceResumed), "resume")]
[JsonDerivedType(typeof(InstancePurged), "purge")]
[JsonDerivedType(typeof(InstancesRewound), "rewind")]
[JsonDerivedType(typeof(HistoriesMoved), "moved")]
[JsonDerivedType(typeof(InstanceKept), "instance")]
[JsonDerivedType(typeof(ActivityKept), "activity")]
[JsonDerivedType(typeof(HistoryKept), "history")]
internal abstract record LogRecord;

/// <summary>First of a segment. A snapshot of everything before follows, up to <see cref="SnapshotEnded"/>.</summary>
internal sealed record SegmentBegan(string Owner, DateTimeOffset At) : LogRecord;

/// <summary>The snapshot is whole: earlier segments are no longer needed.</summary>
internal sealed record SnapshotEnded : LogRecord;

/// <summary>Last of a segment: whoever wrote this has fenced off the segment's writer, and goes on in the next one.</summary>
internal sealed record SegmentSealed(string By, DateTimeOffset At) : LogRecord;

/// <summary>A client starts an instance. Whether the id is free is decided when this is applied, so check and start are one step.</summary>
internal sealed record InstanceStarted(string Id, string Execution, string Name, string? Input, DateTimeOffset At, DateTimeOffset? StartAt,
    IReadOnlyDictionary<string, string>? Tags, IReadOnlyList<string> RefusedBy, string? Version = null) : LogRecord;

/// <summary>An answer or event arrives. Dropped if its execution has ended or the question was answered before.</summary>
internal sealed record MessageArrived(string Id, string? Execution, Message Message, DateTimeOffset At) : LogRecord;

/// <summary>
/// One episode, atomically: how many messages it took from the inbox, what the orchestrator asked for, its custom status and,
/// at the end of the execution, the outcome.
/// </summary>
internal sealed record EpisodeCompleted(string Id, string Execution, DateTime At, int Consumed, IReadOnlyList<TaskAction> Actions,
    string? CustomStatus, Outcome? Outcome) : LogRecord;

internal sealed record InstanceTerminated(string Id, string? Output, bool Recursive, DateTimeOffset At) : LogRecord;

internal sealed record InstanceSuspended(string Id, string? Reason, DateTimeOffset At) : LogRecord;

internal sealed record InstanceResumed(string Id, string? Reason, DateTimeOffset At) : LogRecord;

internal sealed record InstancePurged(string Id, bool Recursive) : LogRecord;

/// <summary>A failed instance, the first, is taken back, and with it the failed children that it waits for.</summary>
internal sealed record InstancesRewound(IReadOnlyList<RewoundInstance> Instances, string? Reason, DateTimeOffset At) : LogRecord;

/// <summary>These histories of finished executions lie in the archive from now on.</summary>
internal sealed record HistoriesMoved(IReadOnlyList<HistoryMove> Moves) : LogRecord;

/// <summary>Snapshot: one instance as it stood, apart from its history.</summary>
internal sealed record InstanceKept(string Id, string Execution, string Name, string? Input, ParentLink? Parent, DateTimeOffset CreatedAt,
    DateTimeOffset UpdatedAt, DateTimeOffset? StartAt, IReadOnlyDictionary<string, string>? Tags, InstanceStatus Status, bool Suspended,
    string? CustomStatus, string? Output, TaskFailureDetails? Failure, IReadOnlyList<Message> Inbox,
    IReadOnlyList<TaskAction> Awaited, IReadOnlyList<string> Children, string? Version, HistoryPlace? Archived) : LogRecord;

/// <summary>Snapshot: an activity that has not been answered.</summary>
internal sealed record ActivityKept(ActivityCall Call) : LogRecord;

/// <summary>Snapshot and archive: a part of the history of one execution; the parts come in order.</summary>
internal sealed record HistoryKept(string Id, string Execution, IReadOnlyList<Episode> Episodes) : LogRecord
{
    private const long PartSize = 256 * 1024;

    /// <summary>In parts, since a record is encoded in one piece of memory, and a history can be large.</summary>
    public static IEnumerable<HistoryKept> PartsOf(string id, string execution, IReadOnlyList<Episode> episodes)
    {
        var part = new List<Episode>();
        var size = 0L;
        foreach (var episode in episodes)
        {
            part.Add(episode);
            size += episode.Size;
            if (size < PartSize) continue;
            yield return new(id, execution, part);
            (part, size) = ([], 0);
        }
        if (part.Count > 0) yield return new(id, execution, part);
    }
}
