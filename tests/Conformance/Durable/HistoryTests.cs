using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Tpo.Offline.FunctionsWorker.Durable;

namespace Tpo.Tests.Conformance.Durable;

public sealed class HistoryTests(AzuriteFixture azurite) : HubTests(azurite)
{
    [Fact, Promise("3.2.1")]
    public async Task A_history_tells_what_came_and_what_was_asked_for_in_order_until_the_purge()
    {
        Hub.Activity("Double", (int n) => 2 * n).Activity<int, int>("Boom", _ => throw new InvalidOperationException("no"));
        Hub.Orchestrator("Child", c => Task.FromResult("grown"));
        Hub.Orchestrator("Story", async c =>
        {
            await c.CallActivityAsync<int>("Double", 21);
            try { await c.CallActivityAsync<int>("Boom", 1); }
            catch (TaskFailedException) { }
            await c.CreateTimer(TimeSpan.FromMilliseconds(1), default);
            await c.CallSubOrchestratorAsync<string>("Child");
            c.SendEvent(c.InstanceId, "note", "to myself");
            return await c.WaitForExternalEvent<string>("note") + await c.WaitForExternalEvent<string>("end");
        });
        await Hub.StartAsync();
        await Hub.StartInstanceAsync("Story", "in", "story");
        await TestHub.EventuallyAsync(async () => (await EventsAsync()).Contains("EventRaised note"), "it wrote to itself");
        await Hub.Client.SuspendInstanceAsync("story", "lunch");
        await Hub.Client.ResumeInstanceAsync("story", "back");
        await Hub.Client.RaiseEventAsync("story", "end", "!");
        await Hub.FinishAsync("story");

        string[] whole = ["ExecutionStarted Story", "TaskCompleted Double", "TaskFailed Boom no", "TimerFired", "SubOrchestrationInstanceCompleted Child",
            "EventSent note", "EventRaised note", "ExecutionSuspended lunch", "ExecutionResumed back", "EventRaised end", "ExecutionCompleted Completed"];
        Assert.Equal(whole, await EventsAsync());
        await Hub.KillAndRestartAsync();
        Assert.Equal(whole, await EventsAsync());
        await Hub.KillAsync();
        await Hub.StartAsync(archiveAfter: 0);
        await Hub.RunAsync("Child"); // whose commit archives what has ended
        await Hub.ArchivedAsync("story");
        await Hub.KillAndRestartAsync();
        Assert.Equal(whole, await EventsAsync());
        Assert.Empty((await Hub.Engine.Histories.ReadAsync("story", default))!.Instance.History);

        await Hub.Client.PurgeAllInstancesAsync(new PurgeInstancesFilter());
        Assert.Null(await Hub.Engine.Histories.ReadAsync("story", default));
        await Hub.KillAndRestartAsync();
        Assert.Empty(await Hub.BlobsAsync("history-"));
    }

    [Fact]
    public async Task Finished_histories_leave_memory_when_they_have_become_many_and_the_log_is_rolled()
    {
        Hub.Activity("Page", (int n) => new string('x', 5_000));
        Hub.Orchestrator("Reader", async c =>
        {
            for (var i = 0; i < 10; i++) await c.CallActivityAsync<string>("Page", i);
            return 0;
        });
        await Hub.StartAsync(rollAfterBlocks: 5, archiveAfter: 100_000);
        for (var i = 0; i < 10; i++) await Hub.RunAsync("Reader", null, $"r{i}");
        Assert.NotEqual("segment-0000000001", (await Hub.BlobsAsync("segment-")).Single());
        Assert.InRange((await Hub.BlobsAsync("history-")).Count, 2, 5);
        var archived = (await Hub.Engine.Histories.ReadAsync("r0", default))!;
        Assert.Empty(archived.Instance.History);
        Assert.Equal(10, archived.Episodes.Sum(e => e.Actions.Count));
    }

    private async Task<string[]> EventsAsync()
    {
        var instance = (await Hub.Client.GetInstanceAsync("story", getInputsAndOutputs: true))!;
        var events = HistoryEvents.Describe(instance, (await Hub.Engine.Histories.ReadAsync("story", default))!.Episodes, withData: true);
        return [.. events.Select(e => string.Join(' ',
            new[] { "EventType", "FunctionName", "Name", "Reason", "OrchestrationStatus" }.Select(key => e![key]?.ToString()).OfType<string>()))];
    }
}
