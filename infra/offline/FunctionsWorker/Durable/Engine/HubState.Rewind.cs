using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>How failed instances are taken back.</summary>
internal sealed partial class HubState
{
    private int Rewind(InstancesRewound rewound)
    {
        var root = rewound.Instances[0];
        if (!IsFailed(root)) return 0;
        RewoundInstance[] failed = [.. rewound.Instances.Where(IsFailed)];
        foreach (var one in failed) TakeBack(instances[one.Id], one, rewound.At);
        foreach (var one in failed)
        {
            var instance = instances[one.Id];
            foreach (var action in one.Awaited) AskAgain(instance, action, rewound.At);
            Effects?.Wake(instance, null);
            Effects?.Changed(instance.Id, instance);
        }
        return failed.Length;
    }

    private bool IsFailed(RewoundInstance one) =>
        instances.TryGetValue(one.Id, out var instance) && instance.Execution == one.Execution && instance.Status == InstanceStatus.Failed;

    private static void TakeBack(Instance instance, RewoundInstance one, DateTimeOffset at)
    {
        instance.Status = one.History.Count == 0 ? InstanceStatus.Pending : InstanceStatus.Running;
        instance.UpdatedAt = at;
        instance.Output = null;
        instance.Failure = null;
        instance.Archived = null;
        instance.History.Clear();
        instance.History.AddRange(one.History);
        foreach (var message in one.Inbox) instance.Inbox.Enqueue(message);
        foreach (var action in one.Awaited) instance.Awaited.Add(action.Id, action);
    }

    private void AskAgain(Instance instance, TaskAction action, DateTimeOffset at)
    {
        var child = action is CallChild call && instances.TryGetValue(call.ChildId, out var found) && found.Execution == call.ChildExecution ? found : null;
        if (child is null) Ask(instance, action, at.UtcDateTime);
        else if (child.IsFinished) Answer(child); // it ended while nobody listened
    }
}
