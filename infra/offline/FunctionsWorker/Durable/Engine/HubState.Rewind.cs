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
        switch (action)
        {
            case CallActivity call:
                Ask(instance, call);
                break;
            case StartTimer timer:
                Effects?.SetTimer(instance, timer);
                break;
            case CallChild child when !instances.TryGetValue(child.ChildId, out var existing) || existing.Execution != child.ChildExecution:
                StartChild(instance, child, at.UtcDateTime);
                break;
            case CallChild child when instances[child.ChildId] is { IsFinished: true } ended:
                Answer(ended); // it ended while nobody listened
                break;
        }
    }
}
