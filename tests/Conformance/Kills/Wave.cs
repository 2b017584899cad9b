using System.Collections.Concurrent;

namespace Tpo.Tests.Conformance.Kills;

/// <summary>
/// One of every kind of orchestration, steered through its life. A wave of a number is the same in every run: ids, inputs, events, and so
/// results.
/// </summary>
internal sealed class Wave(int number, Steering steering, Board board, ConcurrentDictionary<string, string> purged,
    Action<string> openGate)
{
    private const int AboveOneBlock = 5_000_000;

    public Task RunAsync() => Task.WhenAll(
        steering.StartAsync("LoadChain", Id("chain"), 5),
        steering.StartAsync("LoadFanOut", Id("fan"), new { Count = 24, Window = 8 }),
        steering.StartAsync("LoadRetries", Id("retries")),
        steering.StartAsync("LoadTimers", Id("timers")),
        steering.StartAsync("LoadFamily", Id("family")),
        EventsInAnyOrderAsync(),
        EventsAheadOfTheirRoundAsync(),
        PingPongAsync(),
        LargeIsPurgedAsync(),
        HeldIsSuspendedAndResumedAsync(),
        EndlessIsTerminatedAsync(),
        FinishedIsRestartedAsync(),
        FailedIsRewoundAsync());

    private async Task EventsInAnyOrderAsync()
    {
        var id = Id("collect");
        await steering.StartAsync("LoadCollect", id, 5);
        await Task.WhenAll(Enumerable.Range(1, 5).Select(i => steering.RaiseAsync(id, $"e-{i}", $"event {i} of wave {number}")));
    }

    private async Task EventsAheadOfTheirRoundAsync()
    {
        var id = Id("rounds");
        await steering.StartAsync("LoadRounds", id, new { Number = 1, Last = 4, Heard = "" });
        for (var i = 4; i >= 1; i--) await steering.RaiseAsync(id, $"t-{i}", $"{i}");
    }

    private async Task PingPongAsync()
    {
        await steering.StartAsync("LoadPingPong", Id("pong"), new { Other = Id("ping"), Balls = 5, Serves = false });
        await steering.StartAsync("LoadPingPong", Id("ping"), new { Other = Id("pong"), Balls = 5, Serves = true });
    }

    private async Task LargeIsPurgedAsync()
    {
        var id = Id("large");
        await steering.StartAsync("LoadLarge", id, number % 3 == 1 ? AboveOneBlock : 300_000);
        purged[id] = (await board.FinishedAsync(id)).ToString();
        await steering.PurgeAsync(id);
    }

    private async Task HeldIsSuspendedAndResumedAsync()
    {
        var id = Id("held");
        await steering.StartAsync("LoadHeld", id);
        await board.WaitAsync(id, shown => shown.CustomStatus == "\"ready\"", "ready");
        await steering.ControlAsync(id, "suspend", "hold");
        await board.WaitAsync(id, shown => shown.Status == "Suspended", "suspended");
        await steering.RaiseAsync(id, "go", "!");
        await steering.ControlAsync(id, "resume", "go-on");
    }

    private async Task EndlessIsTerminatedAsync()
    {
        var id = Id("endless");
        await steering.StartAsync("LoadEndless", id);
        await board.WaitAsync(id, shown => shown.CustomStatus == "\"waiting\"", "waiting");
        await steering.ControlAsync(id, "terminate", "enough");
    }

    private async Task FinishedIsRestartedAsync()
    {
        var id = Id("again");
        await steering.StartAsync("LoadChain", id, 2);
        await board.FinishedAsync(id);
        await steering.RestartAsync(id);
    }

    private async Task FailedIsRewoundAsync()
    {
        var id = Id("gated");
        await steering.StartAsync("LoadGated", id);
        await board.WaitAsync(id, shown => shown.Status == "Failed", "failed");
        openGate(id);
        await steering.RewindAsync(id);
    }

    private string Id(string kind) => $"w{number:D2}-{kind}";
}
