using System.Text.Json.Serialization;
using Microsoft.DurableTask;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>What an orchestrator can be told: the answer to something it asked for, or an event from outside.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "is")]
[JsonDerivedType(typeof(TaskCompleted), "completed")]
[JsonDerivedType(typeof(TaskFailed), "failed")]
[JsonDerivedType(typeof(TimerFired), "timer")]
[JsonDerivedType(typeof(EventRaised), "event")]
[JsonDerivedType(typeof(Suspended), "suspended")]
[JsonDerivedType(typeof(Resumed), "resumed")]
internal abstract record Message;

/// <summary>Answers the action of the same number.</summary>
internal abstract record Answer(int TaskId) : Message;

internal sealed record TaskCompleted(int TaskId, string? Result) : Answer(TaskId);

internal sealed record TaskFailed(int TaskId, TaskFailureDetails Failure) : Answer(TaskId);

internal sealed record TimerFired(int TaskId) : Answer(TaskId);

internal sealed record EventRaised(string Name, string? Payload) : Message;

/// <summary>For readers of the history alone: the orchestrator does not see it.</summary>
internal sealed record Suspended(string? Reason) : Message;

/// <summary>For readers of the history alone: the orchestrator does not see it.</summary>
internal sealed record Resumed(string? Reason) : Message;

/// <summary>What an orchestrator can ask for. Numbered in call order from 0; on replay kind and name must be the same again.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "do")]
[JsonDerivedType(typeof(CallActivity), "activity")]
[JsonDerivedType(typeof(StartTimer), "timer")]
[JsonDerivedType(typeof(CallChild), "child")]
[JsonDerivedType(typeof(SendEvent), "send")]
internal abstract record TaskAction(int Id)
{
    [JsonIgnore] public abstract string Description { get; }
}

internal sealed record CallActivity(int Id, string Name, string? Input) : TaskAction(Id)
{
    [JsonIgnore] public override string Description => $"activity '{Name}'";
}

internal sealed record StartTimer(int Id, DateTime FireAt) : TaskAction(Id)
{
    [JsonIgnore] public override string Description => "timer";
}

internal sealed record CallChild(int Id, string Name, string ChildId, string ChildExecution, string? Input, string? Version = null)
    : TaskAction(Id)
{
    [JsonIgnore] public override string Description => $"sub-orchestration '{Name}'";
}

internal sealed record SendEvent(int Id, string Target, string EventName, string? Payload) : TaskAction(Id)
{
    [JsonIgnore] public override string Description => $"sent event '{EventName}'";
}

/// <summary>One episode of the history: its time, what the orchestrator was told, and what it then asked for.</summary>
internal sealed record Episode(DateTime At, IReadOnlyList<Message> Received, IReadOnlyList<TaskAction> Actions)
{
    /// <summary>About how many characters it takes.</summary>
    [JsonIgnore] public long Size => 100L + Received.Sum(SizeOf) + Actions.Sum(SizeOf);

    private static long SizeOf(Message message) => 100L + (message switch
    {
        TaskCompleted done => done.Result?.Length ?? 0,
        EventRaised raised => raised.Payload?.Length ?? 0,
        TaskFailed failed => failed.Failure.StackTrace?.Length ?? 0,
        _ => 0,
    });

    private static long SizeOf(TaskAction action) => 100L + (action switch
    {
        CallActivity call => call.Input?.Length ?? 0,
        CallChild child => child.Input?.Length ?? 0,
        SendEvent sent => sent.Payload?.Length ?? 0,
        _ => 0,
    });
}

/// <summary>How an execution ended.</summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "end")]
[JsonDerivedType(typeof(Succeeded), "completed")]
[JsonDerivedType(typeof(Failed), "failed")]
[JsonDerivedType(typeof(StartedOver), "again")]
internal abstract record Outcome;

internal sealed record Succeeded(string? Output) : Outcome;

internal sealed record Failed(TaskFailureDetails Failure, string? Output) : Outcome;

/// <summary>ContinueAsNew: the same instance, a new execution, and the events that were not read yet.</summary>
internal sealed record StartedOver(string Execution, string? Input, IReadOnlyList<EventRaised> Carried, string? Version = null) : Outcome;
