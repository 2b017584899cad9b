using Microsoft.DurableTask;
using Microsoft.Extensions.Logging;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>What an execution is: enough to run it from the start.</summary>
internal sealed record Execution(string InstanceId, string Id, string Name, string? Input, ParentLink? Parent, string? Version = null);

/// <summary>
/// The orchestrator's view of the world: what it asks for becomes numbered actions (<see cref="ActionSequence"/>), what it is told
/// answers them.
/// </summary>
internal sealed class OrchestrationContext(Execution execution, DataConverter converter, ILoggerFactory loggers, EpisodeThread thread)
    : TaskOrchestrationContext
{
    /// <summary>No single timer is longer: like the official one, a longer wait is a chain of timers.</summary>
    private static readonly TimeSpan longestTimer = TimeSpan.FromDays(3);

    private readonly Dictionary<int, OpenTask> open = [];
    private readonly ActionSequence actions = new(execution.Name);
    private readonly EventBox events = new(converter);
    private int nextGuid;
    private DateTime now;
    private bool replaying;

    public override TaskName Name => execution.Name;

    public override string InstanceId => execution.InstanceId;

    public override string Version => execution.Version ?? "";

    public override ParentOrchestrationInstance? Parent { get; } =
        execution.Parent is { } parent ? new(parent.Name, parent.Id) : null;

    public override DateTime CurrentUtcDateTime => now;

    public override bool IsReplaying => replaying;

    /// <summary>Why the replay failed; stays set even if the orchestrator swallows the exception.</summary>
    public string? NonDeterminism => actions.NonDeterminism;

    public string? CustomStatus { get; private set; }

    public ContinueAsNewOptions? Restart { get; private set; }

    public IReadOnlyList<EventRaised> UnreadEvents => events.Unread;

    public bool AwaitsNothing => open.Count == 0 && !events.HasWaiters;

    protected override ILoggerFactory LoggerFactory => loggers;

    public void BeginReplay(Episode past)
    {
        (now, replaying) = (past.At, true);
        actions.BeginReplay(past);
    }

    public void EndReplay() => actions.EndReplay();

    public void BeginEpisode(DateTime at)
    {
        (now, replaying) = (at, false);
        actions.BeginEpisode();
    }

    public IReadOnlyList<TaskAction> TakeActions() => actions.Fresh;

    public void Receive(Message message)
    {
        if (message is EventRaised raised) events.Receive(raised);
        else if (message is Answer answer && open.Remove(answer.TaskId, out var task)) task.Answer(answer);
    }

    public override T? GetInput<T>() where T : default => converter.Deserialize<T>(execution.Input);

    public override Task<TResult> CallActivityAsync<TResult>(TaskName name, object? input = null, TaskOptions? options = null)
    {
        RefuseOptionsAsInput(input);
        var data = converter.Serialize(input);
        return Retries.RunAsync(this, options?.Retry, () => Ask<TResult>(name, id => new CallActivity(id, name, data)).Task);
    }

    public override Task<TResult> CallSubOrchestratorAsync<TResult>(TaskName orchestratorName, object? input = null,
        TaskOptions? options = null)
    {
        RefuseOptionsAsInput(input);
        EnsureOwnThread();
        var data = converter.Serialize(input);
        var own = options as SubOrchestrationOptions;
        var childId = own?.InstanceId ?? NewGuid().ToString("N");
        InstanceIds.Check(childId);
        return Retries.RunAsync(this, options?.Retry, () => Ask<TResult>(orchestratorName,
            id => new CallChild(id, orchestratorName, childId, Guid.NewGuid().ToString("N"), data, own?.Version?.Version)).Task);
    }

    public override Task CreateTimer(DateTime fireAt, CancellationToken cancellationToken)
    {
        var due = fireAt.ToUniversalTime();
        return due - now > longestTimer ? ChainTimersAsync(due, cancellationToken) : StartTimer(due, cancellationToken);
    }

    private async Task ChainTimersAsync(DateTime due, CancellationToken cancellationToken)
    {
        while (due - now > longestTimer) await StartTimer(now + longestTimer, cancellationToken);
        await StartTimer(due, cancellationToken);
    }

    private Task StartTimer(DateTime due, CancellationToken cancellationToken)
    {
        var timer = Ask<object?>("timer", id => new StartTimer(id, due), out var id);
        if (cancellationToken.CanBeCanceled)
            cancellationToken.Register(() =>
            {
                open.Remove(id); // it still fires, and is ignored
                timer.Cancel(cancellationToken);
            });
        return timer.Task;
    }

    public override Task<T> WaitForExternalEvent<T>(string eventName, CancellationToken cancellationToken = default)
    {
        EnsureOwnThread();
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        return events.WaitAsync<T>(eventName, cancellationToken);
    }

    public override void SendEvent(string instanceId, string eventName, object payload)
    {
        InstanceIds.Check(instanceId);
        ArgumentException.ThrowIfNullOrEmpty(eventName);
        var data = converter.Serialize(payload);
        Emit(id => new SendEvent(id, instanceId, eventName, data));
    }

    public override void SetCustomStatus(object? customStatus)
    {
        EnsureOwnThread();
        var text = converter.Serialize(customStatus);
        if (text?.Length > 8 * 1024)
            throw new ArgumentException(
                $"The custom status has {text.Length} characters; the limit is 8,192 (16 KB). Store it in a blob and set its name.",
                nameof(customStatus));
        CustomStatus = text;
    }

    /// <summary>The custom status outlives ContinueAsNew.</summary>
    public void InheritCustomStatus(string? status) => CustomStatus = status;

    public override void ContinueAsNew(object? newInput = null, bool preserveUnprocessedEvents = true)
    {
        EnsureOwnThread();
        Restart = new() { NewInput = newInput, PreserveUnprocessedEvents = preserveUnprocessedEvents };
    }

    public override void ContinueAsNew(ContinueAsNewOptions options)
    {
        EnsureOwnThread();
        ArgumentNullException.ThrowIfNull(options);
        Restart = options;
    }

    public override Guid NewGuid()
    {
        EnsureOwnThread();
        return DeterministicGuid.Create(InstanceId, now, nextGuid++);
    }

    private OpenTask<T> Ask<T>(string name, Func<int, TaskAction> make) => Ask<T>(name, make, out _);

    private OpenTask<T> Ask<T>(string name, Func<int, TaskAction> make, out int id)
    {
        id = Emit(make).Id;
        var task = new OpenTask<T>(name, id, converter);
        open.Add(id, task);
        return task;
    }

    private TaskAction Emit(Func<int, TaskAction> make)
    {
        EnsureOwnThread();
        return actions.Add(make);
    }

    private void EnsureOwnThread()
    {
        if (SynchronizationContext.Current != thread)
            throw new InvalidOperationException($"The context of orchestrator '{Name}' was used outside its own thread: "
                + "await only tasks of the context, without ConfigureAwait(false) or Task.Run, and do all else in activities.");
    }

    private static void RefuseOptionsAsInput(object? input)
    {
        if (input is TaskOptions)
            throw new ArgumentException(
                "TaskOptions were passed as the task's input; pass them as the options argument (options: ...).", nameof(input));
    }
}
