using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>What a run of the load left behind, and how often each event may have reached the engine.</summary>
/// <param name="Purged">How the instances that were purged stood before that, by id.</param>
/// <param name="Runs">Runs of activities by (instance, activity).</param>
internal sealed record LoadResult(IReadOnlyCollection<Shown> Shown, IReadOnlyDictionary<string, string> Purged,
    IReadOnlyList<RecordedInstance> Recorded, IReadOnlyDictionary<(string Id, string Event), int> Raised,
    ILookup<(string Id, string Activity), string> Runs)
{
    public int RunCount => Runs.Sum(group => group.Count());

    /// <summary>Everything that may not depend on kills, as sorted lines: outcomes, custom statuses, actions and their answers.</summary>
    public IReadOnlyList<string> Lines()
    {
        var keys = Recorded.ToDictionary(instance => instance.Id, instance => instance.Key);
        return
        [
            .. Shown.Select(shown => $"{keys[shown.Id]} {shown with { Id = "" }}")
                .Concat(Purged.Values.Select(shown => $"purged {shown}"))
                .Concat(Recorded.SelectMany(instance => instance.Lines()))
                .Concat(from instance in Recorded
                        from sent in instance.Events
                        where !Raised.ContainsKey((instance.Id, sent.Key))
                        select $"{instance.Key} got {sent.Value} times {sent.Key}")
                .Order(StringComparer.Ordinal),
        ];
    }

    /// <summary>What is wrong with this run, whatever the other one says.</summary>
    public IEnumerable<string> Faults() =>
    [
        .. Shown.Where(shown => !shown.IsFinished).Select(shown => $"stuck: {shown}"),
        .. from instance in Recorded
           from answers in instance.Answers
           where answers.Count() > 1
           select $"answered {answers.Count()} times: {instance.Key} #{answers.Key}",
        .. from instance in Recorded
           from action in instance.Actions.GroupBy(action => action.Id)
           where action.Count() > 1
           select $"asked for twice: {instance.Key} #{action.Key}",
        .. from instance in Recorded
           from came in instance.Events
           where Raised.TryGetValue((instance.Id, came.Key), out var raised) && came.Value > raised
           select $"{instance.Key} got event {came.Key} {came.Value} times, but it was raised at most {Raised[(instance.Id, came.Key)]} times",
        .. from instance in Recorded
           from calls in instance.Actions.OfType<CallActivity>().Where(call => instance.Answers[call.Id].Any()).GroupBy(call => call.Name)
           where Runs[(instance.Id, calls.Key)].Count() < calls.Count()
           select $"{instance.Key} has {calls.Count()} results of {calls.Key}, which ran {Runs[(instance.Id, calls.Key)].Count()} times",
    ];

    /// <summary>How this run differs from one without kills.</summary>
    public IEnumerable<string> DifferencesFrom(LoadResult undisturbed)
    {
        var (these, those) = (Lines(), undisturbed.Lines());
        return
        [
            .. those.Except(these).Select(line => $"missing: {line}"),
            .. these.Except(those).Select(line => $"only here: {line}"),
            .. undisturbed.Events().Except(Events()).Select(line => $"lost: event {line}"),
        ];
    }

    private IEnumerable<string> Events() => from instance in Recorded from came in instance.Events select $"{came.Key} of {instance.Key}";
}
