using System.Threading.Channels;
using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Runs episodes, a bounded number at a time, and logs what they did.</summary>
internal sealed class OrchestrationDispatcher(IDurableFunctions functions, DataConverter converter, LogWriter log, ILoggerFactory loggers)
{
    private readonly Channel<LiveOrchestration> ready = Channel.CreateUnbounded<LiveOrchestration>();
    private readonly Dictionary<string, LiveOrchestration> live = new(StringComparer.Ordinal); // under the hub's lock
    private readonly ILogger logger = loggers.CreateLogger<OrchestrationDispatcher>();
    private Task[] loops = [];

    public void Start(int concurrency) => loops = [.. Enumerable.Range(0, concurrency).Select(_ => Task.Run(RunAsync))];

    /// <summary>The instance has something to do. Call under the hub's lock.</summary>
    public void Wake(Instance instance, Message? message)
    {
        if (live.TryGetValue(instance.Id, out var running))
        {
            if (message is not null) running.Post(message);
            else running.Resume();
        }
        else if (!instance.Suspended)
        {
            // A new one takes the whole inbox, and so this message, with it.
            var execution = new Execution(instance.Id, instance.Execution, instance.Name, instance.Input, instance.Parent);
            running = new(instance, wake => new(execution, instance.CustomStatus, functions, converter, loggers, wake),
                orchestration => ready.Writer.TryWrite(orchestration));
            live.Add(instance.Id, running);
            running.Wake();
        }
    }

    /// <summary>Holds the instance back until it is woken again. Call under the hub's lock.</summary>
    public void Suspend(Instance instance)
    {
        if (live.TryGetValue(instance.Id, out var running)) running.Suspend();
    }

    /// <summary>The current execution is over. Call under the hub's lock.</summary>
    public void End(Instance instance)
    {
        if (live.Remove(instance.Id, out var running)) running.End();
    }

    /// <summary>Ends after the episodes that are running now.</summary>
    public Task StopAsync()
    {
        ready.Writer.TryComplete();
        while (ready.Reader.TryRead(out _)) { } // they run again after the next start
        return Task.WhenAll(loops);
    }

    private async Task RunAsync()
    {
        await foreach (var orchestration in ready.Reader.ReadAllAsync())
        {
            try
            {
                var episode = orchestration.RunEpisode();
                if (episode is null) continue;
                log.Append(episode);
                orchestration.EpisodeLogged(last: episode.Outcome is not null);
            }
            catch (Exception e)
            {
                logger.LogCritical(e, "An episode of '{InstanceId}' could not be run; the instance stands still until the next start.",
                    orchestration.InstanceId);
            }
        }
    }
}
