using System.Threading.Channels;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>
/// Runs episodes, a bounded number at a time, and logs what they did. Orchestrators stay in memory between episodes while there is room;
/// beyond that the ones that have been idle longest are let go, and replayed when they go on.
/// </summary>
internal sealed class OrchestrationDispatcher(IDurableFunctions functions, DataConverter converter, LogWriter log, HubState hub, int capacity,
    ILoggerFactory loggers)
{
    /// <summary>So long the log waits for episodes that are under way, so that they share its next block.</summary>
    private static readonly TimeSpan patience = TimeSpan.FromMilliseconds(5);

    private readonly Channel<LiveOrchestration> ready = Channel.CreateUnbounded<LiveOrchestration>();
    private readonly Dictionary<string, LinkedListNode<LiveOrchestration>> live = new(StringComparer.Ordinal); // under the hub's lock
    private readonly LinkedList<LiveOrchestration> byUse = []; // the longest unused first; under the hub's lock
    private readonly ILogger logger = loggers.CreateLogger<OrchestrationDispatcher>();
    private readonly Busyness busyness = new();
    private Task[] loops = [];

    public void Start(int concurrency) => loops = [.. Enumerable.Range(0, concurrency).Select(_ => Task.Run(RunAsync))];

    /// <summary>Ends when no episode is due or running, or after a few milliseconds.</summary>
    public Task QuietAsync() => busyness.QuietAsync(patience);

    /// <summary>The instance has something to do. Call under the hub's lock.</summary>
    public void Wake(Instance instance, Message? message)
    {
        if (live.TryGetValue(instance.Id, out var running))
        {
            if (message is not null) running.Value.Post(message);
            else running.Value.Resume();
            byUse.Remove(running);
            byUse.AddLast(running);
        }
        else if (!instance.Suspended)
        {
            // A new one takes the whole inbox, and so this message, with it.
            var execution = new Execution(instance.Id, instance.Execution, instance.Name, instance.Input, instance.Parent, instance.Version);
            var orchestration = new LiveOrchestration(instance,
                wake => new(execution, instance.CustomStatus, functions, converter, loggers, wake), Schedule);
            live.Add(instance.Id, byUse.AddLast(orchestration));
            orchestration.Wake();
        }
    }

    /// <summary>Holds the instance back until it is woken again. Call under the hub's lock.</summary>
    public void Suspend(Instance instance)
    {
        if (live.TryGetValue(instance.Id, out var running)) running.Value.Suspend();
    }

    /// <summary>The current execution is over. Call under the hub's lock.</summary>
    public void End(Instance instance)
    {
        if (!live.Remove(instance.Id, out var running)) return;
        byUse.Remove(running);
        running.Value.End();
    }

    /// <summary>Ends after the episodes that are running now.</summary>
    public Task StopAsync()
    {
        ready.Writer.TryComplete();
        while (ready.Reader.TryRead(out _)) busyness.Leave(); // they run again after the next start
        return Task.WhenAll(loops);
    }

    private void Schedule(LiveOrchestration orchestration)
    {
        busyness.Enter();
        if (!ready.Writer.TryWrite(orchestration)) busyness.Leave();
    }

    private async Task RunAsync()
    {
        await foreach (var orchestration in ready.Reader.ReadAllAsync())
        {
            await log.RoomAsync();
            try
            {
                RunEpisode(orchestration);
            }
            catch (Exception e)
            {
                logger.LogCritical(e, "An episode of '{InstanceId}' could not be run; the instance stands still until the next start.",
                    orchestration.InstanceId);
            }
            finally
            {
                busyness.Leave();
            }
        }
    }

    private void RunEpisode(LiveOrchestration orchestration)
    {
        if (orchestration.RunEpisode() is not { } episode) return;
        log.Append(episode);
        orchestration.EpisodeLogged(last: episode.Outcome is not null);
        lock (hub.Sync) MakeRoom();
    }

    // Looks at a few only: those that are busy now are looked at again after the next episode.
    private void MakeRoom()
    {
        var next = byUse.First;
        for (var looked = 0; live.Count > capacity && next is not null && looked < 8; looked++)
        {
            var oldest = next;
            next = next.Next;
            if (!oldest.Value.TryLetGo()) continue;
            byUse.Remove(oldest);
            live.Remove(oldest.Value.InstanceId);
        }
    }
}
