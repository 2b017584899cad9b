using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>
/// One execution of an orchestrator, in memory: its awaiting state machine is kept and fed from episode to episode. After a restart it
/// is brought to where it was by running it again over its history.
/// </summary>
internal sealed class Replay
{
    // Host code around the orchestrator may end on another thread; the orchestrator itself may not.
    private static readonly TimeSpan patience = TimeSpan.FromSeconds(5);

    private readonly Execution execution;
    private readonly IDurableFunctions functions;
    private readonly DataConverter converter;
    private readonly EpisodeThread thread;
    private readonly OrchestrationContext context;
    private Task<object?>? run;
    private readonly Action wake;
    private DateTime lastEpisode;
    private bool endedInReplay;

    /// <param name="wake">Called from any thread when an episode is due without a message: the run ended or awaited a foreign task.</param>
    public Replay(Execution execution, string? customStatus, IDurableFunctions functions, DataConverter converter, ILoggerFactory loggers,
        Action wake)
    {
        (this.execution, this.functions, this.converter, this.wake) = (execution, functions, converter, wake);
        thread = new EpisodeThread(wake);
        context = new OrchestrationContext(execution, converter, loggers, thread);
        context.InheritCustomStatus(customStatus);
    }

    /// <summary>Feeds the committed past.</summary>
    public void Repeat(IReadOnlyList<Episode> history)
    {
        foreach (var past in history)
        {
            context.BeginReplay(past);
            Feed(past.Received);
            context.EndReplay();
            lastEpisode = past.At;
            if (context.NonDeterminism is not null) return;
        }
        endedInReplay = run?.IsCompleted == true;
    }

    /// <summary>Runs one new episode over new messages and says what came of it.</summary>
    public EpisodeCompleted Continue(IReadOnlyList<Message> messages)
    {
        var now = DateTime.UtcNow;
        if (now < lastEpisode) now = lastEpisode; // the clock was set back; an orchestrator's time never is
        lastEpisode = now;
        context.BeginEpisode(now);
        if (context.NonDeterminism is null && !endedInReplay) Feed(messages);
        if (run is { IsCompleted: false } && context.AwaitsNothing) thread.WaitFor(run, patience);
        var violation = Violation();
        var actions = violation is null ? context.TakeActions() : [];
        var outcome = violation is null ? OutcomeSoFar() : Fail(violation);
        return new(execution.InstanceId, execution.Id, now, messages.Count, actions, context.CustomStatus, outcome);
    }

    private void Feed(IReadOnlyList<Message> messages)
    {
        if (run is null)
        {
            thread.Run(() => run = RunAsync());
            run!.ContinueWith(_ => wake(), TaskScheduler.Default);
        }
        foreach (var message in messages)
        {
            if (thread.SawForeignAwait || context.NonDeterminism is not null) return;
            thread.Run(() => context.Receive(message));
        }
    }

    // Not async: an await here would want to go on on the episode's thread even when the host ends the run on another.
    private Task<object?> RunAsync()
    {
        if (!functions.HasOrchestrator(execution.Name))
            return Task.FromException<object?>(new InvalidOperationException(
                $"The orchestrator '{execution.Name}' does not exist in this app: was it renamed, removed or disabled?"));
        try
        {
            return functions.RunOrchestratorAsync(execution.Name, context);
        }
        catch (Exception e)
        {
            return Task.FromException<object?>(e);
        }
    }

    private TaskFailureDetails? Violation()
    {
        const string NonDeterministic = "DurableTask.Core.Exceptions.NonDeterministicOrchestrationException";
        if (context.NonDeterminism is { } changed) return new(NonDeterministic, changed, null, null, null);
        if (endedInReplay)
            return new(NonDeterministic,
                $"Non-Deterministic workflow detected: orchestrator '{execution.Name}' now ends where its history goes on.",
                null, null, null);
        if (thread.SawForeignAwait || (!run!.IsCompleted && context.AwaitsNothing))
            return TaskFailureDetails.FromException(new InvalidOperationException(
                $"The orchestrator '{execution.Name}' awaited something that is not a task of its context (Task.Delay, I/O, a lock): "
                + "a replay could not repeat that. Do such work in an activity."));
        return null;
    }

    private Outcome? OutcomeSoFar()
    {
        if (!run!.IsCompleted) return null;
        try
        {
            var result = run.GetAwaiter().GetResult();
            return context.Restart is { } restart
                ? new StartedOver(Guid.NewGuid().ToString("N"), converter.Serialize(restart.NewInput),
                    restart.PreserveUnprocessedEvents ? [.. context.UnreadEvents] : [], restart.NewVersion)
                : new Succeeded(converter.Serialize(result));
        }
        catch (Exception e)
        {
            return Fail(TaskFailureDetails.FromException(e));
        }
    }

    private Failed Fail(TaskFailureDetails failure) => new(failure, converter.Serialize(failure.ErrorMessage));
}
