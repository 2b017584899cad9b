using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Passes on what a record sets going to those who do it.</summary>
internal sealed class HubEffects(HubState hub, LogWriter writer, OrchestrationDispatcher orchestrations, ActivityDispatcher activities,
    Alarms alarms, Watchers watchers) : IHubEffects
{
    public void Wake(Instance instance, Message? message)
    {
        if (instance is { Status: InstanceStatus.Pending, StartAt: { } at } && at > DateTimeOffset.UtcNow)
        {
            if (message is null) alarms.Set(at.UtcDateTime, () => StartNow(instance));
        }
        else
        {
            orchestrations.Wake(instance, message);
        }
    }

    public void Suspended(Instance instance) => orchestrations.Suspend(instance);

    public void Ended(Instance instance) => orchestrations.End(instance);

    public void RunActivity(ActivityCall call) => writer.WhenDurable(() => activities.Enqueue(call));

    public void SetTimer(Instance instance, StartTimer timer)
    {
        var execution = instance.Execution;
        alarms.Set(timer.FireAt, () => Fire(instance, execution, timer));
    }

    public void Changed(string id, Instance? instance) =>
        writer.WhenDurable(() => watchers.Changed(id, instance));

    private void StartNow(Instance instance)
    {
        lock (hub.Sync)
        {
            if (!instance.IsFinished) orchestrations.Wake(instance, null);
        }
    }

    private void Fire(Instance instance, string execution, StartTimer timer)
    {
        lock (hub.Sync)
        {
            if (instance.Execution != execution || !instance.Awaited.ContainsKey(timer.Id)) return;
        }
        writer.Append(new MessageArrived(instance.Id, execution, new TimerFired(timer.Id), DateTimeOffset.UtcNow));
    }
}
