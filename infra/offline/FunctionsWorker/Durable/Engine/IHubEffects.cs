namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>
/// What applying a record sets going. Called under the hub's lock: only to queue, never to run anything. Orchestrators go on at once, since
/// what they do is a record after this one; what can be seen outside waits until the record is durable.
/// </summary>
internal interface IHubEffects
{
    /// <summary>The instance has something to do: start, resume, or a new message (already in its inbox).</summary>
    void Wake(Instance instance, Message? message);

    void Suspended(Instance instance);

    /// <summary>The instance's current execution is over.</summary>
    void Ended(Instance instance);

    void SetTimer(Instance instance, StartTimer timer);

    /// <summary>Once durable: runs the activity.</summary>
    void RunActivity(ActivityCall call);

    /// <summary>Once durable: status or data changed (null: the instance was purged).</summary>
    void Changed(string id, Instance? instance);
}
