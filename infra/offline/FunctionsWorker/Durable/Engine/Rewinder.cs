using Microsoft.DurableTask;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Offline.FunctionsWorker.Durable.Engine;

/// <summary>Rewinds a failed instance together with the failed children that it waits for, in one record.</summary>
internal sealed class Rewinder(LogWriter log, HistoryReader histories)
{
    /// <exception cref="ArgumentException">It is not a failed instance.</exception>
    public async Task RewindAsync(string instanceId, string reason, CancellationToken cancellation)
    {
        var rewound = new List<RewoundInstance>();
        await CutAsync(instanceId, null, rewound, cancellation);
        if (rewound.Count == 0 || await log.AppendAsync(new InstancesRewound(rewound, reason, DateTimeOffset.UtcNow)) == 0)
            throw new ArgumentException($"'{instanceId}' is not a failed orchestration instance: only such can be rewound.", nameof(instanceId));
    }

    // The instance, then the failed children that it waits for.
    private async Task CutAsync(string id, string? execution, List<RewoundInstance> rewound, CancellationToken cancellation)
    {
        if (await histories.ReadAsync(id, cancellation) is not { Instance: { Status: InstanceStatus.Failed } failed } read
            || (execution ?? read.Execution) != read.Execution) return;
        var byTask = failed.Failure?.ErrorType == typeof(TaskFailedException).FullName;
        var cut = Rewinding.Cut(id, read.Execution, read.Episodes, byTask);
        rewound.Add(cut);
        foreach (var child in cut.Awaited.OfType<CallChild>()) await CutAsync(child.ChildId, child.ChildExecution, rewound, cancellation);
    }
}
