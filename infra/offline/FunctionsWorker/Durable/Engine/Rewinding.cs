namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>One instance of a rewind: what is left of its past, what waits for it again, and what is asked for again.</summary>
internal sealed record RewoundInstance(
    string Id, string Execution, IReadOnlyList<Episode> History, IReadOnlyList<Message> Inbox, IReadOnlyList<TaskAction> Awaited);

/// <summary>
/// Rewinding a failed execution: the past is cut before the first failure that no later try made good. What had failed then is asked for
/// again, under its old number; what had been answered stays answered.
/// </summary>
internal static class Rewinding
{
    /// <param name="byTask">The execution failed by a task's failure; else by the orchestrator's own error.</param>
    public static RewoundInstance Cut(string id, string execution, IReadOnlyList<Episode> history, bool byTask)
    {
        var first = byTask ? FirstFailure(history) : -1;
        var cut = first < 0 ? history.Count - 1 : first;
        Episode[] kept = [.. history.Take(cut)];
        var asked = kept.SelectMany(episode => episode.Actions).Where(action => action is not SendEvent).ToDictionary(action => action.Id);
        Message[] again = [.. history.Skip(cut).SelectMany(episode => episode.Received).Where(StillCounts)];
        foreach (var answer in kept.SelectMany(episode => episode.Received).Concat(again).OfType<Answer>()) asked.Remove(answer.TaskId);
        return new(id, execution, kept, again, [.. asked.Values]);

        bool StillCounts(Message message) => message is not Answer answer || (answer is not TaskFailed && asked.ContainsKey(answer.TaskId));
    }

    // A retry asks for the same thing again; if that was done in the end, its failures are no longer of interest.
    private static int FirstFailure(IReadOnlyList<Episode> history)
    {
        var asked = history.SelectMany(episode => episode.Actions).ToDictionary(action => action.Id, What);
        var done = history.SelectMany(episode => episode.Received).OfType<TaskCompleted>().Select(answer => asked[answer.TaskId]).ToHashSet();
        return history.ToList().FindIndex(episode =>
            episode.Received.OfType<TaskFailed>().Any(failed => !done.Contains(asked[failed.TaskId])));
    }

    private static (string, string?, string?) What(TaskAction action) => action switch
    {
        CallActivity call => (call.Description, call.Input, null),
        CallChild child => (child.Description, child.Input, child.ChildId),
        _ => ("", null, null),
    };
}
