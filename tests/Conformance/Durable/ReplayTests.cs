using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Tpo.Tests.Conformance.Durable;

[Collection(AzuriteCollection.Name)]
public sealed class ReplayTests(AzuriteFixture azurite)
{
    private readonly TestHub hub = new(azurite);

    [Fact]
    public async Task Activities_run_in_order_and_their_results_make_the_output()
    {
        hub.Activity("Hello", (string city) => $"Hello {city}");
        hub.Orchestrator("Cities", async c => new[]
        {
            await c.CallActivityAsync<string>("Hello", "Tokyo"), await c.CallActivityAsync<string>("Hello", "Seattle"),
        });
        await hub.StartAsync();
        var done = await hub.RunAsync("Cities");
        Assert.Equal(OrchestrationRuntimeStatus.Completed, done.RuntimeStatus);
        Assert.Equal(["Hello Tokyo", "Hello Seattle"], done.ReadOutputAs<string[]>()!);
    }

    [Fact]
    public async Task After_a_kill_answered_activities_do_not_run_again_and_the_result_is_the_same()
    {
        var blocked = new TaskCompletionSource();
        hub.Activity("First", (int n) => n + 1).Activity("Third", (int n) => n * 3);
        hub.Activity("Second", async (int n, CancellationToken _) =>
        {
            await blocked.Task;
            return n * 2;
        });
        hub.Orchestrator("Chain", async c => await c.CallActivityAsync<int>("Third",
            await c.CallActivityAsync<int>("Second", await c.CallActivityAsync<int>("First", c.GetInput<int>()))));
        await hub.StartAsync();
        var id = await hub.StartInstanceAsync("Chain", 4);
        await TestHub.EventuallyAsync(() => hub.Runs.Contains("Second"), "the second activity was running");
        await hub.KillAsync();
        blocked.SetResult(); // the cut-off run ends now: its answer has nowhere to go
        await hub.StartAsync();
        Assert.Equal(30, (await hub.FinishAsync(id)).ReadOutputAs<int>());
        Assert.Equal(["First", "Second", "Second", "Third"], hub.Runs);
    }

    [Fact]
    public async Task A_fan_out_of_two_hundred_keeps_its_order_through_kills()
    {
        hub.Activity("Square", (int n) => n * n);
        hub.Orchestrator("Squares", c => Task.WhenAll(Enumerable.Range(0, 200).Select(i => c.CallActivityAsync<int>("Square", i))));
        await hub.StartAsync();
        var id = await hub.StartInstanceAsync("Squares");
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(15);
            await hub.KillAndRestartAsync();
        }
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * i), (await hub.FinishAsync(id)).ReadOutputAs<int[]>()!);
    }

    [Fact]
    public async Task Time_and_guids_are_the_same_when_replayed()
    {
        var seen = new List<(DateTime Time, Guid First, Guid Second)>();
        hub.Orchestrator("Clock", async c =>
        {
            seen.Add((c.CurrentUtcDateTime, c.NewGuid(), c.NewGuid()));
            await c.WaitForExternalEvent<string>("go");
            return c.CurrentUtcDateTime;
        });
        await hub.StartAsync();
        var id = await hub.StartInstanceAsync("Clock");
        await hub.Client.WaitForInstanceStartAsync(id);
        await hub.KillAndRestartAsync();
        await hub.Client.RaiseEventAsync(id, "go");
        var end = (await hub.FinishAsync(id)).ReadOutputAs<DateTime>();
        Assert.Equal(2, seen.Count);
        Assert.Equal(seen[0], seen[1]);
        Assert.NotEqual(seen[0].First, seen[0].Second);
        Assert.Equal(5, seen[0].First.Version);
        Assert.True(end > seen[0].Time, "A later episode has a later time.");
    }

    [Fact]
    public async Task A_replay_safe_logger_writes_each_line_once()
    {
        hub.Activity("Step", (int n) => n);
        hub.Orchestrator("Logs", async c =>
        {
            var log = c.CreateReplaySafeLogger("Logs");
            log.LogInformation("begins");
            await c.CallActivityAsync<int>("Step", 1);
            log.LogInformation("waits, replaying: {Replaying}", c.IsReplaying);
            await c.WaitForExternalEvent<object>("go");
            log.LogInformation("ends");
            return 0;
        });
        await hub.StartAsync();
        var id = await hub.StartInstanceAsync("Logs");
        await TestHub.EventuallyAsync(() => hub.LogLines.Any(l => l.StartsWith("waits")), "it waited");
        await hub.KillAndRestartAsync();
        await hub.Client.RaiseEventAsync(id, "go");
        await hub.FinishAsync(id);
        Assert.Equal(["begins", "waits, replaying: False", "ends"], hub.LogLines.Where(l => l is "begins" or "ends" || l.StartsWith("waits")));
    }

    [Theory]
    [InlineData("another name")]
    [InlineData("another kind")]
    [InlineData("nothing")]
    [InlineData("an early end")]
    public async Task Code_that_changed_under_a_running_instance_fails_it(string change)
    {
        hub.Activity("Old", (int n) => n).Activity("New", (int n) => n);
        hub.Orchestrator("Changed", async c =>
        {
            await c.CallActivityAsync<int>("Old", 1);
            await c.WaitForExternalEvent<object>("go");
            return 0;
        });
        await hub.StartAsync();
        var id = await hub.StartInstanceAsync("Changed");
        await TestHub.EventuallyAsync(() => hub.Runs.Contains("Old"), "the activity ran");
        await Task.Delay(100);
        await hub.KillAsync();
        hub.Orchestrator("Changed", async c =>
        {
            if (change == "another name") await c.CallActivityAsync<int>("New", 1);
            if (change == "another kind") await c.CreateTimer(TimeSpan.FromMilliseconds(1), default);
            if (change == "an early end") return await c.CallActivityAsync<int>("Old", 1);
            await c.WaitForExternalEvent<object>("go");
            return 0;
        });
        await hub.StartAsync();
        await hub.Client.RaiseEventAsync(id, "go");
        var done = await hub.FinishAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, done.RuntimeStatus);
        Assert.StartsWith("Non-Deterministic workflow detected", done.FailureDetails!.ErrorMessage);
    }

    [Fact]
    public async Task Awaiting_anything_but_the_context_fails_the_orchestration_with_a_sentence()
    {
        hub.Orchestrator("Delay", async c =>
        {
            await Task.Delay(20);
            return 0;
        });
        hub.Orchestrator("Elsewhere", async c =>
        {
            var timer = c.CreateTimer(TimeSpan.FromMilliseconds(1), default);
            await Task.Run(() => c.NewGuid());
            await timer;
            return 0;
        });
        await hub.StartAsync();
        foreach (var name in new[] { "Delay", "Elsewhere" })
        {
            var done = await hub.RunAsync(name);
            Assert.Equal(OrchestrationRuntimeStatus.Failed, done.RuntimeStatus);
            Assert.Contains("not a task of its context", done.FailureDetails!.ErrorMessage);
        }
    }
}
