using System.Text.Json;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>An instance as the management API shows it.</summary>
internal sealed record Shown(string Id, string Name, string Status, string CustomStatus, string Output)
{
    public bool IsFinished => Status is "Completed" or "Failed" or "Terminated";

    public static Shown Read(JsonElement json) => new(Text(json, "instanceId"), Text(json, "name"), Text(json, "runtimeStatus"),
        json.GetProperty("customStatus").GetRawText(), json.GetProperty("output").GetRawText());

    private static string Text(JsonElement json, string name) => json.GetProperty(name).GetString()!;
}

/// <summary>The state of all instances, looked at many times a second for whoever waits for something.</summary>
internal sealed class Board(Steering steering, CancellationToken end)
{
    private static readonly TimeSpan pause = TimeSpan.FromMilliseconds(100);

    private IReadOnlyDictionary<string, Shown> latest = new Dictionary<string, Shown>();

    public IReadOnlyCollection<Shown> Latest => [.. latest.Values];

    public async Task RunAsync()
    {
        while (true)
        {
            await LookAsync();
            await Task.Delay(pause, end);
        }
    }

    public async Task LookAsync() =>
        latest = (await steering.ListAsync()).EnumerateArray().Select(Shown.Read).ToDictionary(shown => shown.Id);

    /// <summary>Waits until the instance is shown like that.</summary>
    public async Task<Shown> WaitAsync(string id, Func<Shown, bool> like, string what)
    {
        try
        {
            while (true)
            {
                if (latest.TryGetValue(id, out var shown) && like(shown)) return shown;
                await Task.Delay(pause / 4, end);
            }
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"'{id}' is stuck: not {what}, but {latest.GetValueOrDefault(id)?.ToString() ?? "unknown"}.");
        }
    }

    public Task<Shown> FinishedAsync(string id) => WaitAsync(id, shown => shown.IsFinished, "finished");
}
