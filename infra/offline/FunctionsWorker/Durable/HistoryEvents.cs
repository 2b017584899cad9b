using System.Text.Json.Nodes;
using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Offline.FunctionsWorker.Durable;

/// <summary>
/// A history as the management API shows it: one entry an event, in order; what was asked for is told by its answer (FunctionName,
/// ScheduledTime), and on its own only while there is none.
/// </summary>
internal static class HistoryEvents
{
    public static JsonArray Describe(OrchestrationMetadata instance, IReadOnlyList<Episode> history, bool withData)
    {
        var asked = history.SelectMany(episode => episode.Actions.Select(action => (action.Id, Asked: (Action: action, episode.At))))
            .ToDictionary(item => item.Id, item => item.Asked);
        var unanswered = asked.Keys.ToHashSet();
        unanswered.ExceptWith(history.SelectMany(episode => episode.Received).OfType<Answer>().Select(answer => answer.TaskId));
        var events = new JsonArray();

        Add("ExecutionStarted", history.Count > 0 ? history[0].At : instance.CreatedAt.UtcDateTime, ("FunctionName", instance.Name),
            ("Input", withData ? Data(instance.SerializedInput) : null));
        foreach (var episode in history)
        {
            foreach (var message in episode.Received) AddMessage(message, episode.At);
            foreach (var action in episode.Actions) AddAction(action, episode.At);
        }
        if (instance.IsCompleted) AddEnd();
        return events;

        void AddMessage(Message message, DateTime at)
        {
            switch (message)
            {
                case TaskCompleted done:
                    AddAnswer(done, at, Kind(done) + "Completed", ("Result", withData ? Data(done.Result) : null));
                    break;
                case TaskFailed failed:
                    AddAnswer(failed, at, Kind(failed) + "Failed", ("Reason", failed.Failure.ErrorMessage),
                        ("Details", withData ? failed.Failure.ToString() : null));
                    break;
                case TimerFired fired:
                    AddAnswer(fired, at, "TimerFired", ("FireAt", ((StartTimer)asked[fired.TaskId].Action).FireAt));
                    break;
                case EventRaised raised:
                    Add("EventRaised", at, ("Name", raised.Name), ("Input", withData ? Data(raised.Payload) : null));
                    break;
                case Suspended suspended:
                    Add("ExecutionSuspended", at, ("Reason", suspended.Reason));
                    break;
                case Resumed resumed:
                    Add("ExecutionResumed", at, ("Reason", resumed.Reason));
                    break;
            }
        }

        void AddAction(TaskAction action, DateTime at)
        {
            switch (action)
            {
                case SendEvent sent:
                    Add("EventSent", at, ("Name", sent.EventName), ("InstanceId", sent.Target));
                    break;
                case CallActivity call when unanswered.Contains(call.Id):
                    Add("TaskScheduled", at, ("FunctionName", call.Name));
                    break;
                case CallChild child when unanswered.Contains(child.Id):
                    Add("SubOrchestrationInstanceCreated", at, ("FunctionName", child.Name), ("InstanceId", child.ChildId));
                    break;
                case StartTimer timer when unanswered.Contains(timer.Id):
                    Add("TimerCreated", at, ("FireAt", timer.FireAt));
                    break;
            }
        }

        void AddAnswer(Answer answer, DateTime at, string type, params (string Name, JsonNode? Value)[] more) =>
            Add(type, at, [("FunctionName", Name(asked[answer.TaskId].Action)), ("ScheduledTime", asked[answer.TaskId].At), .. more]);

        void AddEnd()
        {
            var at = instance.LastUpdatedAt.UtcDateTime;
            if (instance.RuntimeStatus == OrchestrationRuntimeStatus.Terminated)
                Add("ExecutionTerminated", at, ("Reason", Data(instance.SerializedOutput)));
            Add("ExecutionCompleted", at, ("OrchestrationStatus", instance.RuntimeStatus.ToString()),
                ("Result", withData ? Data(instance.SerializedOutput) : null));
        }

        string Kind(Answer answer) => asked[answer.TaskId].Action is CallChild ? "SubOrchestrationInstance" : "Task";

        void Add(string type, DateTime at, params (string Name, JsonNode? Value)[] more)
        {
            var entry = new JsonObject { ["EventType"] = type, ["Timestamp"] = at };
            foreach (var (name, value) in more)
                if (value is not null) entry[name] = value;
            events.Add(entry);
        }
    }

    private static string? Name(TaskAction action) => action switch
    {
        CallActivity call => call.Name,
        CallChild child => child.Name,
        _ => null,
    };

    private static JsonNode? Data(string? json)
    {
        if (json is null) return null;
        try { return JsonNode.Parse(json); }
        catch (System.Text.Json.JsonException) { return json; }
    }
}
