using Microsoft.DurableTask;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>What an episode changes: its instance, and what it asked for.</summary>
internal sealed partial class HubState
{
    private int Commit(EpisodeCompleted episode)
    {
        if (!IsRunning(episode.Id, episode.Execution, out var instance)) return 0;
        var received = new Message[episode.Consumed];
        for (var i = 0; i < received.Length; i++) received[i] = instance.Inbox.Dequeue();
        instance.History.Add(new Episode(episode.At, received, episode.Actions));
        instance.Status = InstanceStatus.Running;
        instance.UpdatedAt = episode.At;
        instance.CustomStatus = episode.CustomStatus;
        foreach (var action in episode.Actions) Perform(instance, action, episode.At);
        switch (episode.Outcome)
        {
            case Succeeded done: End(instance, InstanceStatus.Completed, episode.At, done.Output, null); break;
            case Failed failed: End(instance, InstanceStatus.Failed, episode.At, failed.Output, failed.Failure); break;
            case StartedOver again: StartOver(instance, again); break;
        }
        Effects?.Changed(instance.Id, instance);
        return 1;
    }

    private void Perform(Instance instance, TaskAction action, DateTime at)
    {
        if (action is SendEvent sent)
        {
            if (IsRunning(sent.Target, null, out var target)) Receive(target, new EventRaised(sent.EventName, sent.Payload));
            return;
        }
        instance.Awaited.Add(action.Id, action);
        Ask(instance, action, at);
    }

    private void Ask(Instance instance, TaskAction action, DateTime at)
    {
        switch (action)
        {
            case CallActivity call:
                var activity = new ActivityCall(instance.Id, instance.Execution, call.Id, call.Name, call.Input);
                Keep(activity);
                Effects?.RunActivity(activity);
                break;
            case StartTimer timer:
                Effects?.SetTimer(instance, timer);
                break;
            case CallChild child:
                StartChild(instance, child, at);
                break;
        }
    }

    private void StartChild(Instance parent, CallChild call, DateTime at)
    {
        if (instances.TryGetValue(call.ChildId, out var existing) && !existing.IsFinished)
        {
            Receive(parent, new TaskFailed(call.Id, new(typeof(InvalidOperationException).FullName!,
                $"The instance ID '{call.ChildId}' is taken: its orchestration '{existing.Name}' is {existing.StatusName()}.",
                null, null, null)));
            return;
        }
        parent.Children.Add(call.ChildId);
        Begin(new Instance(call.ChildId, call.Name, at)
        {
            Execution = call.ChildExecution, Input = call.Input, Version = call.Version,
            Parent = new(parent.Id, parent.Execution, parent.Name, call.Id),
        });
    }

    private void StartOver(Instance instance, StartedOver again)
    {
        Effects?.Ended(instance);
        Message[] late = [.. instance.Inbox.Where(m => m is EventRaised)];
        Forget(instance);
        instance.History.Clear();
        instance.Execution = again.Execution;
        instance.Input = again.Input;
        instance.Version = again.Version ?? instance.Version;
        foreach (var message in again.Carried.Concat(late)) instance.Inbox.Enqueue(message);
        Effects?.Wake(instance, null);
    }
}
