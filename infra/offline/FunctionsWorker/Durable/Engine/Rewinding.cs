namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>One instance of a rewind: what is left of its past, what waits for it again, and what is asked for again.</summary>
internal sealed record RewoundInstance(
    string Id, string Execution, IReadOnlyList<Episode> History, IReadOnlyList<Message> Inbox, IReadOnlyList<TaskAction> Awaited);

/// <summary>
/// Rewinding a failed execution: the past is cut before the failures that ended it, and only these are asked for again, under their old
/// numbers; whatever else was answered stays answered.
/// </summary>
internal static class Rewinding
{
    /// <param name="byTask">The execution failed by a task's failure; else by the orchestrator's own error.</param>
    public static RewoundInstance Cut(string id, string execution, IReadOnlyList<Episode> history, bool byTask)
    {
        var cut = history.Count - 1;
        while (byTask && cut > 0 && !history[cut].Received.OfType<TaskFailed>().Any()) cut--;
        Episode[] kept = [.. history.Take(cut)];
        var asked = kept.SelectMany(episode => episode.Actions).Where(action => action is not SendEvent).ToDictionary(action => action.Id);
        Message[] again = [.. history.Skip(cut).SelectMany(episode => episode.Received).Where(StillCounts)];
        foreach (var answer in kept.SelectMany(episode => episode.Received).Concat(again).OfType<Answer>()) asked.Remove(answer.TaskId);
        return new(id, execution, kept, again, [.. asked.Values]);

        bool StillCounts(Message message) => message is not Answer answer || (answer is not TaskFailed && asked.ContainsKey(answer.TaskId));
    }
}
