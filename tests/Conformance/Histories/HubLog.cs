using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Histories;

/// <summary>Reads the executions that have ended out of the log of a task hub, also those that ended in ContinueAsNew.</summary>
internal static class HubLog
{
    public static IEnumerable<RecordedExecution> Executions(IEnumerable<LogRecord> records)
    {
        var hub = new HubState();
        foreach (var record in records)
        {
            if (Ended(hub, record) is { } ended)
                yield return ended;
            hub.Apply(record);
        }
    }

    private static RecordedExecution? Ended(HubState hub, LogRecord record) => record switch
    {
        EpisodeCompleted { Outcome: { } outcome } last when Running(hub, last.Id) is { } instance && instance.Execution == last.Execution =>
            Recorded(instance, [.. instance.History, new Episode(last.At, [.. instance.Inbox.Take(last.Consumed)], last.Actions)], last.CustomStatus, outcome),
        InstanceTerminated terminated when Running(hub, terminated.Id) is { History.Count: > 0 } instance =>
            Recorded(instance, [.. instance.History], instance.CustomStatus, outcome: null),
        _ => null,
    };

    private static Instance? Running(HubState hub, string id) =>
        hub.Instances.TryGetValue(id, out var instance) && !instance.IsFinished ? instance : null;

    private static RecordedExecution Recorded(Instance instance, Episode[] episodes, string? customStatus, Outcome? outcome) =>
        new(instance.Name, instance.Id, instance.Execution, instance.Version, instance.Input, instance.Parent, episodes, customStatus, outcome);
}
