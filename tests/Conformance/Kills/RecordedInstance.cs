using System.Security.Cryptography;
using System.Text.Json;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>What the log holds of an instance at the end.</summary>
/// <param name="Key">Its id; for a child with a generated id, its parent's key and the number it has there.</param>
internal sealed record RecordedInstance(string Key, string Id, IReadOnlyList<TaskAction> Actions, ILookup<int, Answer> Answers,
    IReadOnlyDictionary<string, int> Events)
{
    /// <summary>Reads the log as the next process would.</summary>
    public static async Task<IReadOnlyList<RecordedInstance>> ReadAllAsync(BlobContainerClient container)
    {
        var hub = new HubState();
        var archive = new HistoryArchive(container, NullLogger.Instance);
        foreach (var record in await new SegmentedLog(container, "the test", NullLogger.Instance).TakeOverAsync(default)) hub.Apply(record);
        return await Task.WhenAll(hub.Instances.Values.Select(async instance =>
        {
            var history = instance.Archived is { } place ? await archive.ReadAsync(place, default) : instance.History;
            Assert.True(history is { Count: > 0 }, $"The history of '{instance.Id}' is lost.");
            return Of(instance, history, hub);
        }));
    }

    /// <summary>A line for each action: what was asked for, and every answer that came; more than one would be a duplicate.</summary>
    public IEnumerable<string> Lines() => Actions.Select(action =>
        $"{Key} #{action.Id} {action.Description} -> {string.Join(" AND ", Answers[action.Id].Select(Describe))}");

    private static RecordedInstance Of(Instance instance, IReadOnlyList<Episode> history, HubState hub)
    {
        var received = history.SelectMany(episode => episode.Received).ToArray();
        return new(KeyOf(instance, hub), instance.Id, [.. history.SelectMany(episode => episode.Actions)],
            received.OfType<Answer>().ToLookup(answer => answer.TaskId),
            received.OfType<EventRaised>().GroupBy(raised => raised.Name).ToDictionary(group => group.Key, group => group.Count()));
    }

    private static string KeyOf(Instance instance, HubState hub) =>
        instance.Parent is { } parent && !instance.Id.StartsWith('w') && hub.Instances.TryGetValue(parent.Id, out var found)
            ? $"{KeyOf(found, hub)}/{parent.TaskId}"
            : instance.Id;

    private static string Describe(Answer answer) => answer switch
    {
        TaskCompleted completed => $"completed {Short(completed.Result)}",
        TaskFailed failed => $"failed {failed.Failure.ErrorType}: {failed.Failure.ErrorMessage}",
        _ => "fired",
    };

    private static string? Short(string? text) => text is { Length: > 200 }
        ? Convert.ToHexString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(text)), 0, 8)
        : text;
}
