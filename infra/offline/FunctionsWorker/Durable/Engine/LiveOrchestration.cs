using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>
/// An execution that is held in memory, with its mailbox. Messages come in log order, so the first n of the mailbox are always the first
/// n of the instance's inbox; at most one episode runs at a time.
/// </summary>
internal sealed class LiveOrchestration
{
    private readonly Lock sync = new();
    private readonly Action<LiveOrchestration> schedule;
    private readonly Replay replay;
    private IReadOnlyList<Episode>? history;
    private List<Message> mailbox;
    private bool scheduled, due = true, suspended, ended;

    public LiveOrchestration(Instance instance, Func<Action, Replay> replay, Action<LiveOrchestration> schedule)
    {
        this.schedule = schedule;
        this.replay = replay(Wake);
        (InstanceId, Execution, history, mailbox) = (instance.Id, instance.Execution, [.. instance.History], [.. instance.Inbox]);
    }

    public string InstanceId { get; }

    public string Execution { get; }

    /// <summary>Asks for an episode even without a message.</summary>
    public void Wake()
    {
        lock (sync)
        {
            due = true;
            Schedule();
        }
    }

    /// <summary>Ends a suspension.</summary>
    public void Resume()
    {
        lock (sync)
        {
            suspended = false;
            Schedule();
        }
    }

    public void Post(Message message)
    {
        lock (sync)
        {
            mailbox.Add(message);
            due = true;
            Schedule();
        }
    }

    public void Suspend()
    {
        lock (sync) suspended = true;
    }

    public void End()
    {
        lock (sync) ended = true;
    }

    /// <summary>Ends it if it stands idle: it can be made anew from its history at any time.</summary>
    public bool TryLetGo()
    {
        lock (sync)
        {
            if (scheduled || due || mailbox.Count > 0) return false;
            return ended = true;
        }
    }

    /// <summary>Runs one episode over all that waits; null if there is no reason to any more.</summary>
    public EpisodeCompleted? RunEpisode()
    {
        List<Message> messages;
        lock (sync)
        {
            if (suspended || ended)
            {
                scheduled = false;
                return null;
            }
            (messages, mailbox, due) = (mailbox, [], false);
        }
        if (history is { Count: > 0 }) replay.Repeat(history);
        history = null;
        return replay.Continue(messages);
    }

    /// <summary>The episode's record is on its way to the log: the next one may run.</summary>
    public void EpisodeLogged(bool last)
    {
        lock (sync)
        {
            scheduled = false;
            ended |= last;
            Schedule();
        }
    }

    private void Schedule()
    {
        if (!due || scheduled || suspended || ended) return;
        scheduled = true;
        schedule(this);
    }
}
