using System.Security.Cryptography;
using System.Text.Json;
using Azure.Storage.Blobs;
using Microsoft.Extensions.Logging.Abstractions;
using Tpo.Offline.FunctionsWorker.Durable.Engine;
using Tpo.Offline.FunctionsWorker.Durable.Storage;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>
/// What the log holds of an instance at the end. Answers by the number of the action they answer: a second one to the same action would be
/// a duplicate. Events by name, with how often each came.
/// </summary>
internal sealed record RecordedInstance(string Key, string Id, IReadOnlyDictionary<int, string> Actions, ILookup<int, string> Answers,
    IReadOnlyDictionary<string, int> Events)
{
    /// <summary>Reads the log as the next process would. Children with generated ids get a key made of their parent's and their number.</summary>
    public static async Task<IReadOnlyList<RecordedInstance>> ReadAllAsync(BlobContainerClient container)
    {
        var hub = new HubState();
        foreach (var record in await new SegmentedLog(container, "the test", NullLogger.Instance).TakeOverAsync(default)) hub.Apply(record);
        return [.. hub.Instances.Values.Select(instance => Of(instance, hub))];
    }

    private static RecordedInstance Of(Instance instance, HubState hub)
    {
        var received = instance.History.SelectMany(episode => episode.Received).ToArray();
        return new(Key(instance, hub), instance.Id,
            instance.History.SelectMany(episode => episode.Actions).ToDictionary(action => action.Id, action => action.Description),
            received.OfType<Answer>().ToLookup(answer => answer.TaskId, Describe),
            received.OfType<EventRaised>().GroupBy(raised => raised.Name).ToDictionary(group => group.Key, group => group.Count()));
    }

    private static string Key(Instance instance, HubState hub) =>
        instance.Parent is { } parent && !instance.Id.StartsWith('w') && hub.Instances.TryGetValue(parent.Id, out var found)
            ? $"{Key(found, hub)}#{parent.TaskId}"
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
