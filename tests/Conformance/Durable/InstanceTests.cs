using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Tpo.Tests.Conformance.Durable;

public sealed class InstanceTests(AzuriteFixture azurite) : HubTests(azurite)
{
    [Fact, Promise("3.8.1")]
    public async Task A_sub_orchestration_is_an_instance_of_its_own_and_survives_a_kill()
    {
        Hub.Orchestrator("Child", async c => $"{c.Parent!.Name} {c.Parent.InstanceId} {await c.WaitForExternalEvent<string>("go")}");
        Hub.Orchestrator("Parent", c =>
            c.CallSubOrchestratorAsync<string>("Child", null, new SubOrchestrationOptions(instanceId: c.InstanceId + "-child")));
        await Hub.StartAsync();
        await Hub.StartInstanceAsync("Parent", null, "p1");
        await TestHub.EventuallyAsync(async () => await Hub.Client.GetInstanceAsync("p1-child") is not null, "the child was there");
        await Hub.KillAndRestartAsync();
        await Hub.Client.RaiseEventAsync("p1-child", "go", "went");
        Assert.Equal("Parent p1 went", (await Hub.FinishAsync("p1")).ReadOutputAs<string>());
    }

    [Fact, Promise("3.8.2")]
    public async Task A_child_that_takes_a_running_instances_id_fails_its_parent_only()
    {
        Hub.Orchestrator("Long", c => c.WaitForExternalEvent<string>("end"));
        Hub.Orchestrator("Parent", c => c.CallSubOrchestratorAsync<string>("Long", null, new SubOrchestrationOptions(instanceId: "taken")));
        await Hub.StartAsync();
        await Hub.StartInstanceAsync("Long", null, "taken");
        Assert.Contains("'taken'", (await Hub.RunAsync("Parent")).FailureDetails!.ErrorMessage);
        Assert.True((await Hub.Client.GetInstanceAsync("taken"))!.IsRunning);
    }

    [Fact, Promise("3.11.2")]
    public async Task An_id_is_refused_while_its_instance_runs_and_free_when_it_has_ended()
    {
        Hub.Orchestrator("Once", c => c.WaitForExternalEvent<string>("end"));
        await Hub.StartAsync();
        var starts = await Task.WhenAll(Enumerable.Range(0, 10).Select(async _ =>
        {
            try { return await Hub.StartInstanceAsync("Once", null, "single"); }
            catch (InvalidOperationException e) { return e.Message; }
        }));
        Assert.Single(starts, s => s == "single");
        Assert.All(starts.Where(s => s != "single"), s => Assert.Contains("already exists", s));
        await Hub.Client.RaiseEventAsync("single", "end", "first");
        Assert.Equal("first", (await Hub.FinishAsync("single")).ReadOutputAs<string>());
        await Assert.ThrowsAsync<InvalidOperationException>(() => Hub.Client.ScheduleNewOrchestrationInstanceAsync("Once",
            new StartOrchestrationOptions("single").WithDedupeStatuses(OrchestrationRuntimeStatus.Completed)));
        await Hub.StartInstanceAsync("Once", null, "single");
        await Hub.Client.RaiseEventAsync("single", "end", "second");
        Assert.Equal("second", (await Hub.FinishAsync("single")).ReadOutputAs<string>());
    }

    [Theory, Promise("3.11.1")]
    [InlineData("a/b")]
    [InlineData("@entity")]
    [InlineData("what?")]
    [InlineData("line\nfeed")]
    public async Task An_id_that_would_break_a_url_is_refused(string id)
    {
        Hub.Orchestrator("Any", _ => Task.FromResult(0));
        await Hub.StartAsync();
        await Assert.ThrowsAsync<ArgumentException>(() => Hub.StartInstanceAsync("Any", null, id));
    }

    [Fact, Promise("3.8.3", "3.10.1")]
    public async Task Terminate_ends_the_instance_its_children_and_the_activities_that_have_not_begun()
    {
        var release = new TaskCompletionSource();
        Hub.Activity("Slow", async (object _, CancellationToken _) =>
        {
            await release.Task;
            return 0;
        });
        Hub.Orchestrator("Child", c => Task.WhenAll(Enumerable.Range(0, 5).Select(_ => c.CallActivityAsync<int>("Slow"))));
        Hub.Orchestrator("Parent", c => c.CallSubOrchestratorAsync<int[]>("Child", null, new SubOrchestrationOptions(instanceId: "kid")));
        await Hub.StartAsync(activitiesAtOnce: 1);
        var id = await Hub.StartInstanceAsync("Parent");
        await TestHub.EventuallyAsync(() => Hub.Runs.Count == 1, "the first activity ran");
        await Hub.Client.TerminateInstanceAsync(id, new TerminateInstanceOptions("why", Recursive: true));
        var done = await Hub.FinishAsync(id);
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, done.RuntimeStatus);
        Assert.Equal("why", done.ReadOutputAs<string>());
        Assert.Equal(OrchestrationRuntimeStatus.Terminated, (await Hub.FinishAsync("kid")).RuntimeStatus);
        release.SetResult();
        await Task.Delay(200);
        await Hub.KillAndRestartAsync();
        await Task.Delay(100);
        Assert.Single(Hub.Runs);
    }

    [Fact, Promise("3.10.2")]
    public async Task A_suspended_instance_keeps_what_comes_and_stands_still_until_it_is_resumed()
    {
        Hub.Orchestrator("Waits", c => c.WaitForExternalEvent<string>("e"));
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Waits");
        await Hub.Client.WaitForInstanceStartAsync(id);
        await Hub.Client.SuspendInstanceAsync(id, "lunch");
        await Hub.Client.RaiseEventAsync(id, "e", "kept");
        await Hub.KillAndRestartAsync();
        await Task.Delay(200);
        Assert.Equal(OrchestrationRuntimeStatus.Suspended, (await Hub.Client.GetInstanceAsync(id))!.RuntimeStatus);
        await Hub.Client.ResumeInstanceAsync(id);
        Assert.Equal("kept", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
    }

    [Fact, Promise("3.10.3")]
    public async Task Purge_takes_finished_instances_only()
    {
        Hub.Orchestrator("Short", _ => Task.FromResult(1)).Orchestrator("Long", c => c.WaitForExternalEvent<string>("end"));
        await Hub.StartAsync();
        var ended = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Hub.RunAsync("Short")));
        var runs = await Hub.StartInstanceAsync("Long");
        Assert.Equal(0, (await Hub.Client.PurgeInstanceAsync(runs)).PurgedInstanceCount);
        Assert.Equal(1, (await Hub.Client.PurgeInstanceAsync(ended[0].InstanceId)).PurgedInstanceCount);
        Assert.Equal(2, (await Hub.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter())).PurgedInstanceCount);
        await Hub.KillAndRestartAsync();
        Assert.Null(await Hub.Client.GetInstanceAsync(ended[1].InstanceId));
        Assert.NotNull(await Hub.Client.GetInstanceAsync(runs));
    }

    [Fact, Promise("2.6.3")]
    public async Task Lists_are_filtered_and_paged_and_data_comes_only_when_asked_for()
    {
        Hub.Orchestrator("Short", c => Task.FromResult(c.GetInput<int>()));
        await Hub.StartAsync();
        foreach (var i in Enumerable.Range(0, 7)) await Hub.RunAsync("Short", i, $"{(i < 5 ? "a" : "b")}{i}");
        var query = new OrchestrationQuery(InstanceIdPrefix: "a", Statuses: [OrchestrationRuntimeStatus.Completed], PageSize: 2,
            FetchInputsAndOutputs: true);
        var pages = new List<int>();
        var outputs = new List<int>();
        await foreach (var page in Hub.Client.GetAllInstancesAsync(query).AsPages())
        {
            pages.Add(page.Values.Count);
            outputs.AddRange(page.Values.Select(m => m.ReadOutputAs<int>()));
        }
        Assert.Equal([2, 2, 1], pages);
        Assert.Equal([0, 1, 2, 3, 4], outputs);
        var bare = (await Hub.Client.GetInstanceAsync("a3"))!;
        Assert.Null(bare.SerializedOutput);
        Assert.Throws<InvalidOperationException>(() => bare.ReadOutputAs<int>());
    }

    [Fact, Promise("3.10.6")]
    public async Task A_start_in_the_future_stays_pending_until_then_also_through_a_kill()
    {
        Hub.Orchestrator("Later", c => Task.FromResult(c.CurrentUtcDateTime));
        await Hub.StartAsync();
        var at = DateTimeOffset.UtcNow.AddMilliseconds(800);
        var id = await Hub.Client.ScheduleNewOrchestrationInstanceAsync("Later", new StartOrchestrationOptions(null, at));
        await Hub.KillAndRestartAsync();
        Assert.Equal(OrchestrationRuntimeStatus.Pending, (await Hub.Client.GetInstanceAsync(id))!.RuntimeStatus);
        Assert.InRange((await Hub.FinishAsync(id)).ReadOutputAs<DateTime>(), at.UtcDateTime, at.UtcDateTime.AddSeconds(3));
    }
}
