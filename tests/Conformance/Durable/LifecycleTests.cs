using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Tpo.Tests.Conformance.Durable;

public sealed class LifecycleTests(AzuriteFixture azurite) : HubTests(azurite)
{
    [Fact, Promise("3.7.4")]
    public async Task An_event_to_nobody_or_to_the_dead_is_dropped_and_null_is_a_payload()
    {
        Hub.Orchestrator("Waits", c => c.WaitForExternalEvent<string>("e"));
        await Hub.StartAsync();
        await Hub.Client.RaiseEventAsync("nobody", "e", "lost");
        Assert.Null(await Hub.Client.GetInstanceAsync("nobody"));
        var id = await Hub.StartInstanceAsync("Waits");
        await Hub.Client.RaiseEventAsync(id, "e", null);
        Assert.Null((await Hub.FinishAsync(id)).ReadOutputAs<string>());
        await Hub.Client.RaiseEventAsync(id, "e", "late");
        Assert.Null((await Hub.FinishAsync(id)).ReadOutputAs<string>());
    }

    [Fact, Promise("3.8.2", "3.8.3")]
    public async Task Children_outlive_a_termination_and_a_purge_that_are_not_recursive()
    {
        Hub.Orchestrator("Child", c => c.WaitForExternalEvent<string>("e"));
        Hub.Orchestrator("Parent", c => c.CallSubOrchestratorAsync<string>("Child", null, new SubOrchestrationOptions(instanceId: $"{c.InstanceId}-kid")));
        await Hub.StartAsync();
        foreach (var id in new[] { "a", "b" })
        {
            await Hub.StartInstanceAsync("Parent", null, id);
            await TestHub.EventuallyAsync(async () => await Hub.Client.GetInstanceAsync($"{id}-kid") is { IsRunning: true }, "the child waited");
        }
        await Hub.Client.TerminateInstanceAsync("a", "stop");
        Assert.True((await Hub.Client.GetInstanceAsync("a-kid"))!.IsRunning);
        await Hub.Client.RaiseEventAsync("a-kid", "e", "still here");
        Assert.Equal("still here", (await Hub.FinishAsync("a-kid")).ReadOutputAs<string>());
        await Hub.Client.PurgeInstanceAsync("a");
        Assert.NotNull(await Hub.Client.GetInstanceAsync("a-kid"));

        await Hub.Client.RaiseEventAsync("b-kid", "e", "to my parent");
        Assert.Equal("to my parent", (await Hub.FinishAsync("b")).ReadOutputAs<string>());
        Assert.Equal(2, (await Hub.Client.PurgeInstanceAsync("b", new PurgeInstanceOptions(Recursive: true))).PurgedInstanceCount);
        Assert.Null(await Hub.Client.GetInstanceAsync("b-kid"));
    }

    [Fact, Promise("3.9.1", "3.9.2")]
    public async Task Of_several_calls_of_continue_as_new_the_last_counts_what_follows_runs_and_events_can_be_dropped()
    {
        Hub.Activity("After", (int n) => n);
        Hub.Orchestrator("Again", async c =>
        {
            if (c.GetInput<string>() is "last" or "dropping") return await c.WaitForExternalEvent<string>("e", TimeSpan.FromSeconds(c.GetInput<string>() == "last" ? 30 : 0.3));
            await c.WaitForExternalEvent<object>("go");
            c.ContinueAsNew("first");
            c.ContinueAsNew(c.GetInput<string>() == "drop" ? "dropping" : "last", preserveUnprocessedEvents: c.GetInput<string>() != "drop");
            await c.CallActivityAsync<int>("After", 1);
            return "ignored";
        });
        await Hub.StartAsync();
        foreach (var input in new[] { "keep", "drop" })
        {
            await Hub.StartInstanceAsync("Again", input, input);
            await Hub.Client.RaiseEventAsync(input, "e", "unread");
            await Hub.Client.RaiseEventAsync(input, "go");
        }
        Assert.Equal("unread", (await Hub.FinishAsync("keep")).ReadOutputAs<string>());
        Assert.Equal(typeof(TaskCanceledException).FullName, (await Hub.FinishAsync("drop")).FailureDetails!.ErrorType);
        Assert.Equal(2, Hub.Runs.Count);
    }

    [Fact, Promise("3.10.4", "3.11.1")]
    public async Task Restart_runs_the_same_input_again_under_the_same_id_or_a_new_one()
    {
        var runs = 0;
        Hub.Activity("Count", (int n) => n + Interlocked.Increment(ref runs));
        Hub.Orchestrator("Counted", c => c.CallActivityAsync<int>("Count", c.GetInput<int>()));
        await Hub.StartAsync();
        Assert.Equal(101, (await Hub.RunAsync("Counted", 100, "again")).ReadOutputAs<int>());
        Assert.Equal("again", await Hub.Client.RestartAsync("again"));
        Assert.Equal(102, (await Hub.FinishAsync("again")).ReadOutputAs<int>());
        var other = await Hub.Client.RestartAsync("again", restartWithNewInstanceId: true);
        Assert.Matches("^[0-9a-f]{32}$", other);
        Assert.Equal(103, (await Hub.FinishAsync(other)).ReadOutputAs<int>());
        await Assert.ThrowsAsync<ArgumentException>(() => Hub.Client.RestartAsync("nobody"));
    }

    [Fact, Promise("3.10.2")]
    public async Task A_suspended_instance_can_be_terminated()
    {
        Hub.Orchestrator("Waits", c => c.WaitForExternalEvent<string>("e"));
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Waits");
        await Hub.Client.SuspendInstanceAsync(id);
        await Hub.Client.TerminateInstanceAsync(id, "enough");
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await Hub.FinishAsync(id)).RuntimeStatus);
    }

    [Theory, Promise("3.1.1", "3.1.3")]
    [InlineData(0)]
    [InlineData(3)]
    public async Task Orchestrators_that_were_let_go_from_memory_go_on_by_replay(int liveOrchestrations)
    {
        Hub.Activity("Add", (int n) => n + 1);
        Hub.Orchestrator("Steps", async c =>
        {
            var (n, ids) = (0, new List<Guid>());
            for (var i = 0; i < 5; i++)
            {
                ids.Add(c.NewGuid());
                n = await c.CallActivityAsync<int>("Add", n);
                if (i == 2) n += await c.WaitForExternalEvent<int>("more");
            }
            return $"{n} {ids.Distinct().Count()}";
        });
        await Hub.StartAsync(liveOrchestrations: liveOrchestrations);
        var ids = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Hub.StartInstanceAsync("Steps", null, $"s{i}")));
        await TestHub.EventuallyAsync(() => Hub.Runs.Count == 60, "all waited");
        foreach (var id in ids) await Hub.Client.RaiseEventAsync(id, "more", 100);
        foreach (var id in ids) Assert.Equal("105 5", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
    }
}
