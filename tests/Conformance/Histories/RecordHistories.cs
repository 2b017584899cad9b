using System.Text.Json;
using Microsoft.DurableTask;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Histories;

/// <summary>
/// `./tpo test record-histories`, second half: the log that the real app left in TPO_HISTORIES becomes files, one for each way that an
/// orchestrator ended, the shortest of its kind.
/// </summary>
public sealed class RecordHistories
{
    [Fact, Trait("Lane", "record")]
    public void Each_way_that_an_orchestrator_ended_becomes_a_file()
    {
        var folder = Environment.GetEnvironmentVariable("TPO_HISTORIES");
        Assert.True(folder is not null, "TPO_HISTORIES is not set: run ./tpo test record-histories.");
        var segment = Directory.GetFiles(folder, "segment-*").Order(StringComparer.Ordinal).Last();
        var ways = HubLog.Executions(RecordLines.Decode(File.ReadAllBytes(segment), segment)).GroupBy(one => RecordedExecution.FileOf(one.Orchestrator, CaseOf(one)));
        foreach (var way in ways)
            WithoutStacks(way.MinBy(one => one.Episodes.Sum(episode => episode.Actions.Count))!).Write(way.Key);
    }

    /// <summary>`curated`, `terminated`, `began-anew`; with what failed on the way: `failed-after-PrepareDataset-failed`.</summary>
    internal static string CaseOf(RecordedExecution one)
    {
        var end = one.Outcome switch
        {
            null => "terminated",
            StartedOver => "began-anew",
            Failed => "threw",
            Succeeded { Output: { } output } when JsonDocument.Parse(output).RootElement is { ValueKind: JsonValueKind.String } word =>
                word.GetString()!.ToLowerInvariant(),
            _ => "completed",
        };
        var names = one.Episodes.SelectMany(episode => episode.Actions).ToDictionary(action => action.Id, action => (action as CallActivity)?.Name ?? (action as CallChild)?.Name);
        var failure = one.Episodes.SelectMany(episode => episode.Received).OfType<TaskFailed>().LastOrDefault();
        return failure is null ? end : $"{end}-after-{names[failure.TaskId]}-failed";
    }

    // Stacks name the machine's folders, and no orchestrator should look at them.
    private static RecordedExecution WithoutStacks(RecordedExecution one) => one with
    {
        Episodes = [.. one.Episodes.Select(episode => episode with { Received = [.. episode.Received.Select(WithoutStack)] })],
        Outcome = one.Outcome is Failed failed ? failed with { Failure = WithoutStack(failed.Failure)! } : one.Outcome,
    };

    private static Message WithoutStack(Message message) =>
        message is TaskFailed failed ? failed with { Failure = WithoutStack(failed.Failure)! } : message;

    private static TaskFailureDetails? WithoutStack(TaskFailureDetails? failure) =>
        failure is null ? null : failure with { StackTrace = null, InnerFailure = WithoutStack(failure.InnerFailure) };
}
