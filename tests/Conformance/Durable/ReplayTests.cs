using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Microsoft.Extensions.Logging;

namespace Tpo.Tests.Conformance.Durable;

public sealed class ReplayTests(AzuriteFixture azurite) : HubTests(azurite)
{
    [Fact, Promise("3.1.6")]
    public async Task Activities_run_in_order_and_their_results_make_the_output()
    {
        Hub.Activity("Hello", (string city) => $"Hello {city}");
        Hub.Orchestrator("Cities", async c => new[]
        {
            await c.CallActivityAsync<string>("Hello", "Tokyo"), await c.CallActivityAsync<string>("Hello", "Seattle"),
        });
        await Hub.StartAsync();
        var done = await Hub.RunAsync("Cities");
        Assert.Equal(OrchestrationRuntimeStatus.Completed, done.RuntimeStatus);
        Assert.Equal(["Hello Tokyo", "Hello Seattle"], done.ReadOutputAs<string[]>()!);
    }

    [Fact, Promise("3.1.1", "3.3.1")]
    public async Task After_a_kill_answered_activities_do_not_run_again_and_the_result_is_the_same()
    {
        var blocked = new TaskCompletionSource();
        Hub.Activity("First", (int n) => n + 1).Activity("Third", (int n) => n * 3);
        Hub.Activity("Second", async (int n, CancellationToken _) =>
        {
            await blocked.Task;
            return n * 2;
        });
        Hub.Orchestrator("Chain", async c => await c.CallActivityAsync<int>("Third",
            await c.CallActivityAsync<int>("Second", await c.CallActivityAsync<int>("First", c.GetInput<int>()))));
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Chain", 4);
        await TestHub.EventuallyAsync(() => Hub.Runs.Contains("Second"), "the second activity was running");
        await Hub.KillAsync();
        blocked.SetResult(); // the cut-off run ends now: its answer has nowhere to go
        await Hub.StartAsync();
        Assert.Equal(30, (await Hub.FinishAsync(id)).ReadOutputAs<int>());
        Assert.Equal(["First", "Second", "Second", "Third"], Hub.Runs);
    }

    [Fact, Promise("3.1.1")]
    public async Task A_fan_out_of_two_hundred_keeps_its_order_through_kills()
    {
        Hub.Activity("Square", (int n) => n * n);
        Hub.Orchestrator("Squares", c => Task.WhenAll(Enumerable.Range(0, 200).Select(i => c.CallActivityAsync<int>("Square", i))));
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Squares");
        for (var i = 0; i < 3; i++)
        {
            await Task.Delay(15);
            await Hub.KillAndRestartAsync();
        }
        Assert.Equal(Enumerable.Range(0, 200).Select(i => i * i), (await Hub.FinishAsync(id)).ReadOutputAs<int[]>()!);
    }

    [Fact, Promise("3.1.3")]
    public async Task Time_and_guids_are_the_same_when_replayed()
    {
        var seen = new List<(DateTime Time, Guid First, Guid Second)>();
        Hub.Orchestrator("Clock", async c =>
        {
            seen.Add((c.CurrentUtcDateTime, c.NewGuid(), c.NewGuid()));
            await c.WaitForExternalEvent<string>("go");
            return c.CurrentUtcDateTime;
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Clock");
        await Hub.Client.WaitForInstanceStartAsync(id);
        await Hub.KillAndRestartAsync();
        await Hub.Client.RaiseEventAsync(id, "go");
        var end = (await Hub.FinishAsync(id)).ReadOutputAs<DateTime>();
        Assert.Equal(2, seen.Count);
        Assert.Equal(seen[0], seen[1]);
        Assert.NotEqual(seen[0].First, seen[0].Second);
        Assert.Equal(5, seen[0].First.Version);
        Assert.True(end > seen[0].Time, "A later episode has a later time.");
    }

    [Fact, Promise("3.1.5")]
    public async Task A_replay_safe_logger_writes_each_line_once()
    {
        Hub.Activity("Step", (int n) => n);
        Hub.Orchestrator("Logs", async c =>
        {
            var log = c.CreateReplaySafeLogger("Logs");
            log.LogInformation("begins");
            await c.CallActivityAsync<int>("Step", 1);
            log.LogInformation("waits, replaying: {Replaying}", c.IsReplaying);
            await c.WaitForExternalEvent<object>("go");
            log.LogInformation("ends");
            return 0;
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Logs");
        await TestHub.EventuallyAsync(() => Hub.LogLines.Any(l => l.StartsWith("waits")), "it waited");
        await Hub.KillAndRestartAsync();
        await Hub.Client.RaiseEventAsync(id, "go");
        await Hub.FinishAsync(id);
        Assert.Equal(["begins", "waits, replaying: False", "ends"],
            Hub.LogLines.Where(l => l is "begins" or "ends" || l.StartsWith("waits")));
    }

    [Theory, Promise("3.1.2")]
    [InlineData("another name")]
    [InlineData("another kind")]
    [InlineData("nothing")]
    [InlineData("an early end")]
    public async Task Code_that_changed_under_a_running_instance_fails_it(string change)
    {
        Hub.Activity("Old", (int n) => n).Activity("New", (int n) => n);
        Hub.Orchestrator("Changed", async c =>
        {
            await c.CallActivityAsync<int>("Old", 1);
            await c.WaitForExternalEvent<object>("go");
            return 0;
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Changed");
        await TestHub.EventuallyAsync(() => Hub.Runs.Contains("Old"), "the activity ran");
        await Task.Delay(100);
        await Hub.KillAsync();
        Hub.Orchestrator("Changed", async c =>
        {
            if (change == "another name") await c.CallActivityAsync<int>("New", 1);
            if (change == "another kind") await c.CreateTimer(TimeSpan.FromMilliseconds(1), default);
            if (change == "an early end") return await c.CallActivityAsync<int>("Old", 1);
            await c.WaitForExternalEvent<object>("go");
            return 0;
        });
        await Hub.StartAsync();
        await Hub.Client.RaiseEventAsync(id, "go");
        var done = await Hub.FinishAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Failed, done.RuntimeStatus);
        Assert.StartsWith("Non-Deterministic workflow detected", done.FailureDetails!.ErrorMessage);
    }

    [Fact]
    public async Task The_host_around_an_orchestrator_may_finish_on_another_thread()
    {
        Hub.Activity("Step", (int n) => n);
        Hub.HostedOrchestrator("Hosted", async c =>
        {
            var result = await BodyAsync(c).ConfigureAwait(false); // the host's own await
            await Task.Delay(30).ConfigureAwait(false);
            return result;
        });
        await Hub.StartAsync();
        Assert.Equal(7, (await Hub.RunAsync("Hosted")).ReadOutputAs<int>());

        static async Task<int> BodyAsync(TaskOrchestrationContext context)
        {
            _ = context.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None); // still open at the end
            return await context.CallActivityAsync<int>("Step", 7);
        }
    }

    [Fact, Promise("3.1.4")]
    public async Task Awaiting_anything_but_the_context_fails_the_orchestration_with_a_sentence()
    {
        Hub.Orchestrator("Delay", async c =>
        {
            await Task.Delay(20);
            return 0;
        });
        Hub.Orchestrator("Elsewhere", async c =>
        {
            _ = c.CreateTimer(TimeSpan.FromHours(1), default);
            await Task.Run(() => Thread.Sleep(50));
            return 0;
        });
        Hub.Orchestrator("Borrowed", async c => await Task.Run(c.NewGuid));
        await Hub.StartAsync();
        foreach (var name in new[] { "Delay", "Elsewhere" })
        {
            var done = await Hub.RunAsync(name);
            Assert.Equal(OrchestrationRuntimeStatus.Failed, done.RuntimeStatus);
            Assert.Contains("not a task of its context", done.FailureDetails!.ErrorMessage);
        }
        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await Hub.RunAsync("Borrowed")).RuntimeStatus);
    }
}
