namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>
/// The actions of one orchestrator, numbered in call order from 0. In replay each is checked against the recorded one of the same number;
/// after it, new ones are collected for the episode's record.
/// </summary>
internal sealed class ActionSequence(string orchestrator)
{
    /// <summary>The official limit of one episode.</summary>
    private const int MaxActions = 100_000;

    private IReadOnlyList<TaskAction> recorded = [];
    private List<TaskAction> fresh = [];
    private int next, nextRecorded;
    private bool replaying;

    /// <summary>Why the replay failed; stays set even if the orchestrator swallows the exception.</summary>
    public string? NonDeterminism { get; private set; }

    /// <summary>The new actions of this episode.</summary>
    public IReadOnlyList<TaskAction> Fresh => fresh;

    public void BeginReplay(Episode past) => (replaying, recorded, nextRecorded) = (true, past.Actions, 0);

    public void EndReplay()
    {
        if (NonDeterminism is not null || nextRecorded == recorded.Count) return;
        var missing = recorded[nextRecorded];
        NonDeterminism = Changed($"history has {missing.Description} as action #{missing.Id}, the orchestrator now asks for nothing there");
    }

    public void BeginEpisode() => (replaying, recorded, fresh) = (false, [], []);

    /// <param name="make">Makes the action from its number.</param>
    public TaskAction Add(Func<int, TaskAction> make)
    {
        var action = make(next++);
        if (replaying) return Match(action);
        if (fresh.Count == MaxActions)
            throw new InvalidOperationException($"Orchestrator '{orchestrator}' asks for more than {MaxActions:N0} things in one go; "
                + "split them over sub-orchestrations, or await some before asking for more.");
        fresh.Add(action);
        return action;
    }

    private TaskAction Match(TaskAction action)
    {
        var past = nextRecorded < recorded.Count ? recorded[nextRecorded++] : null;
        if (past?.Description == action.Description) return past;
        NonDeterminism ??= Changed(
            $"the orchestrator asks for {action.Description} as action #{action.Id}, history has {past?.Description ?? "nothing"} there");
        throw new InvalidOperationException(NonDeterminism);
    }

    private string Changed(string what) =>
        $"Non-Deterministic workflow detected: in orchestrator '{orchestrator}' {what}. "
        + "Its code changed while this instance was running, or it is not deterministic.";
}
