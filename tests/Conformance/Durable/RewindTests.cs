using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Tpo.Tests.Conformance.Durable;

public sealed class RewindTests(AzuriteFixture azurite) : HubTests(azurite)
{
    private bool broken = true;

    [Theory, Promise("3.10.5")]
    [InlineData(false)]
    [InlineData(true)] // the history then comes from the archive
    public async Task A_failed_instance_goes_on_from_its_failure_and_nothing_else_runs_again(bool afterRestart)
    {
        Hub.Activity("Good", (int n) => n).Activity("Shaky", (int n) => broken ? throw new IOException("disk full") : n);
        Hub.Orchestrator("Work", async c =>
        {
            var policy = TaskOptions.FromRetryPolicy(new RetryPolicy(2, TimeSpan.FromMilliseconds(1)));
            var sum = await c.CallActivityAsync<int>("Good", 1);
            sum += (await Task.WhenAll(c.CallActivityAsync<int>("Good", 20), c.CallActivityAsync<int>("Shaky", 300, policy))).Sum();
            return sum + await c.CallActivityAsync<int>("Good", 4000);
        });
        await Hub.StartAsync(archiveAfter: afterRestart ? 0 : 16_000_000);
        var failed = await Hub.RunAsync("Work", null, "w");
        Assert.Equal(OrchestrationRuntimeStatus.Failed, failed.RuntimeStatus);
        Assert.Equal(["Good", "Good", "Shaky", "Shaky"], Hub.Runs.Order());
        if (afterRestart)
        {
            await Hub.ArchivedAsync("w");
            await Hub.KillAndRestartAsync();
        }
        broken = false;
        await Hub.Client.RewindInstanceAsync("w", "disk replaced");
        if (afterRestart) await Hub.KillAndRestartAsync();
        var done = await Hub.FinishAsync("w");
        Assert.Equal(4321, done.ReadOutputAs<int>());
        Assert.Null(done.FailureDetails);
        Assert.Equal(3, Hub.Runs.Count(name => name == "Good")); // the last one for the first time
    }

    [Fact, Promise("3.10.5")]
    public async Task A_failed_child_is_rewound_with_its_parent()
    {
        Hub.Activity("Shaky", (int n) => broken ? throw new IOException("disk full") : n);
        Hub.Orchestrator("Child", c => c.CallActivityAsync<int>("Shaky", c.GetInput<int>()));
        Hub.Orchestrator("Parent", async c => (await Task.WhenAll(
            Enumerable.Range(0, 3).Select(i => c.CallSubOrchestratorAsync<int>("Child", i, new SubOrchestrationOptions(instanceId: $"kid{i}"))))).Sum());
        await Hub.StartAsync();
        Assert.Equal(OrchestrationRuntimeStatus.Failed, (await Hub.RunAsync("Parent", null, "p")).RuntimeStatus);
        broken = false;
        await Hub.Client.RewindInstanceAsync("p", "disk replaced");
        Assert.Equal(3, (await Hub.FinishAsync("p")).ReadOutputAs<int>());
        Assert.Equal(OrchestrationRuntimeStatus.Completed, (await Hub.FinishAsync("kid2")).RuntimeStatus);
    }

    [Fact, Promise("3.10.5")]
    public async Task Only_a_failed_instance_can_be_rewound()
    {
        Hub.Orchestrator("Fine", _ => Task.FromResult(0));
        Hub.Orchestrator("Own", c => broken ? throw new InvalidOperationException("own error") : Task.FromResult("mended"));
        await Hub.StartAsync();
        await Hub.RunAsync("Fine", null, "fine");
        await Assert.ThrowsAsync<ArgumentException>(() => Hub.Client.RewindInstanceAsync("fine", ""));
        await Assert.ThrowsAsync<ArgumentException>(() => Hub.Client.RewindInstanceAsync("nobody", ""));
        await Hub.RunAsync("Own", null, "own");
        broken = false;
        await Hub.Client.RewindInstanceAsync("own", "");
        Assert.Equal("mended", (await Hub.FinishAsync("own")).ReadOutputAs<string>());
    }
}
