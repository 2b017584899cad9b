using Microsoft.DurableTask;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>How instances end, are held back, and go.</summary>
internal sealed partial class HubState
{
    private void End(Instance instance, InstanceStatus status, DateTimeOffset at, string? output, TaskFailureDetails? failure)
    {
        Effects?.Ended(instance);
        // What was asked for before the end still runs, except after a termination, which someone chose in order to stop work.
        if (status == InstanceStatus.Terminated)
            foreach (var task in instance.Awaited.Keys) activities.Remove((instance.Id, instance.Execution, task));
        Forget(instance);
        instance.Status = status;
        instance.Suspended = false;
        instance.UpdatedAt = at;
        instance.Output = output;
        instance.Failure = failure;
        CountFinished(instance);
        Answer(instance);
    }

    // Tells the parent, if it still listens, how its child ended.
    private void Answer(Instance child)
    {
        if (child.Parent is not { } link || !IsRunning(link.Id, link.Execution, out var parent)) return;
        parent.UpdatedAt = child.UpdatedAt;
        Receive(parent, child.Status == InstanceStatus.Completed
            ? new TaskCompleted(link.TaskId, child.Output)
            : new TaskFailed(link.TaskId, child.Failure ?? new(typeof(OperationCanceledException).FullName!,
                $"The sub-orchestration '{child.Name}' with ID '{child.Id}' was terminated.", null, null, null)));
    }

    private static void Forget(Instance instance)
    {
        instance.Inbox.Clear();
        instance.Awaited.Clear();
    }

    private int Terminate(string id, InstanceTerminated terminated)
    {
        if (!IsRunning(id, null, out var instance)) return 0;
        End(instance, InstanceStatus.Terminated, terminated.At, terminated.Output, null);
        Effects?.Changed(id, instance);
        return 1 + (terminated.Recursive ? instance.Children.Sum(child => Terminate(child, terminated)) : 0);
    }

    private int Suspend(InstanceSuspended suspended)
    {
        if (!IsRunning(suspended.Id, null, out var instance) || instance.Suspended) return 0;
        instance.Suspended = true;
        instance.UpdatedAt = suspended.At;
        Receive(instance, new Suspended(suspended.Reason));
        Effects?.Suspended(instance);
        Effects?.Changed(instance.Id, instance);
        return 1;
    }

    private int Resume(InstanceResumed resumed)
    {
        if (!IsRunning(resumed.Id, null, out var instance) || !instance.Suspended) return 0;
        instance.Suspended = false;
        instance.UpdatedAt = resumed.At;
        Receive(instance, new Resumed(resumed.Reason));
        Effects?.Wake(instance, null);
        Effects?.Changed(instance.Id, instance);
        return 1;
    }

    private int Purge(string id, bool recursive)
    {
        if (!instances.TryGetValue(id, out var instance) || !instance.IsFinished) return 0;
        instances.Remove(id);
        Effects?.Changed(id, null);
        return 1 + (recursive ? instance.Children.Sum(child => Purge(child, recursive)) : 0);
    }
}
