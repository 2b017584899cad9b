using Microsoft.DurableTask;
using Microsoft.Extensions.Logging.Abstractions;
using Tpo.Offline.FunctionsWorker.Durable;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Histories;

/// <summary>Runs the code of today over a run of the past, by the engine's own replay.</summary>
internal static class HistoryReplay
{
    /// <summary>Null if the code still does all that the recorded run did; else what differs and what to do, to be read by who changed it.</summary>
    public static string? Differs(string file, RecordedExecution past, IDurableFunctions functions, DataConverter converter) =>
        Difference(past, functions, converter) is not { } difference ? null :
            $"""
            {file}: orchestrator '{past.Orchestrator}' no longer does what this recorded run of it did.
            {difference}
            Instances that are running when this is deployed would fail with the same words. What to do, one of:
              * undo the change;
              * leave '{past.Orchestrator}' as it was until all its instances have ended, and give the changed code another name
                ('{past.Orchestrator}V2') under which new instances are started from now on;
              * only if no instance can be running anywhere: delete this file and record again with ./tpo test record-histories.
            """;

    private static string? Difference(RecordedExecution past, IDurableFunctions functions, DataConverter converter)
    {
        var execution = new Execution(past.InstanceId, past.Execution, past.Orchestrator, past.Input, past.Parent, past.Version);
        var replay = new Replay(execution, null, functions, converter, NullLoggerFactory.Instance, () => { });
        // The last episode as a new one, since only that tells its outcome: all before it is checked by the engine, the last one here.
        replay.Repeat([.. past.Episodes.SkipLast(1)]);
        var last = past.Episodes[^1];
        var now = replay.Continue(last.Received);
        if (now.Outcome is Failed { Failure.ErrorType: "DurableTask.Core.Exceptions.NonDeterministicOrchestrationException" } changed)
            return changed.Failure.ErrorMessage;
        return Actions(last.Actions, now.Actions) ?? Outcomes(past.Outcome, now.Outcome)
            ?? Unlike("the custom status", past.CustomStatus, now.CustomStatus);
    }

    private static string? Actions(IReadOnlyList<TaskAction> then, IReadOnlyList<TaskAction> now)
    {
        for (var i = 0; i < Math.Max(then.Count, now.Count); i++)
            if (then.ElementAtOrDefault(i)?.Description != now.ElementAtOrDefault(i)?.Description)
                return $"As action #{(then.ElementAtOrDefault(i) ?? now[i]).Id} it asks for {now.ElementAtOrDefault(i)?.Description ?? "nothing"}, "
                    + $"history has {then.ElementAtOrDefault(i)?.Description ?? "nothing"} there.";
        return null;
    }

    private static string? Outcomes(Outcome? then, Outcome? now) => Unlike("the end", Tell(then), Tell(now))
        ?? ((then, now) is (StartedOver before, StartedOver after) && !before.Carried.SequenceEqual(after.Carried)
            ? "It carries other unread events over to its next execution." : null);

    // Without execution ids, which are new each time, and stacks, which are the machine's.
    private static string Tell(Outcome? outcome) => outcome switch
    {
        null => "none yet",
        Succeeded done => $"completed with {done.Output ?? "nothing"}",
        Failed failed => $"failed with {Tell(failed.Failure)}",
        StartedOver again => $"began anew with {again.Input ?? "nothing"}{(again.Version is null ? "" : $" as version {again.Version}")}",
        _ => throw new NotSupportedException($"There is no such outcome: {outcome}."),
    };

    private static string Tell(TaskFailureDetails failure) =>
        $"{failure.ErrorType}: {failure.ErrorMessage}{(failure.InnerFailure is { } inner ? $" ({Tell(inner)})" : "")}";

    private static string? Unlike(string what, string? then, string? now) =>
        then == now ? null : $"It is {what} that differs: history has '{then ?? "nothing"}', the code of today gives '{now ?? "nothing"}'.";
}
