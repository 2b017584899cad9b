using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;
using Tpo.Offline.FunctionsWorker.Durable.Engine;

namespace Tpo.Tests.Conformance.Durable;

/// <summary>The numbers and limits that an orchestrator written for Azure may rely on.</summary>
public sealed class NumbersTests(AzuriteFixture azurite) : HubTests(azurite)
{
    [Fact, Promise("3.4.1")]
    public void A_retry_policys_numbers_are_checked_and_have_defaults()
    {
        var policy = new RetryPolicy(3, TimeSpan.FromSeconds(1));
        Assert.Equal(TimeSpan.FromHours(1), policy.MaxRetryInterval);
        Assert.Equal(Timeout.InfiniteTimeSpan, policy.RetryTimeout);
        Assert.Equal(1.0, policy.BackoffCoefficient);
        Assert.ThrowsAny<ArgumentException>(() => new RetryPolicy(0, TimeSpan.FromSeconds(1)));
        Assert.ThrowsAny<ArgumentException>(() => new RetryPolicy(1, TimeSpan.Zero));
        Assert.ThrowsAny<ArgumentException>(() => new RetryPolicy(1, TimeSpan.FromSeconds(1), 0.5));
        Assert.ThrowsAny<ArgumentException>(() => new RetryPolicy(1, TimeSpan.FromSeconds(2), 1, TimeSpan.FromSeconds(1)));
        Assert.ThrowsAny<ArgumentException>(() => new RetryPolicy(1, TimeSpan.FromSeconds(2), 1, null, TimeSpan.FromSeconds(1)));
    }

    [Fact, Promise("3.1.2", "3.4.3")]
    public async Task Three_failing_attempts_take_numbers_0_to_4_and_one_timer_more()
    {
        Hub.Activity<int, int>("Flaky", _ => throw new InvalidOperationException("boom")).Activity("Next", (int n) => n);
        Hub.Orchestrator("Numbers", async c =>
        {
            try
            {
                return (await c.CallActivityAsync<int>("Flaky", 0, TaskOptions.FromRetryPolicy(new(3, TimeSpan.FromMilliseconds(5))))).ToString();
            }
            catch (TaskFailedException e)
            {
                await c.CallActivityAsync<int>("Next", 1);
                return $"{e.TaskId} {e.Message}";
            }
        });
        await Hub.StartAsync();
        var done = await Hub.RunAsync("Numbers", null, "n");
        Assert.Equal("4 Task 'Flaky' (#4) failed with an unhandled exception: boom", done.ReadOutputAs<string>());
        var history = (await Hub.Engine.Histories.ReadAsync("n", default))!.Episodes;
        Assert.Equal(["0 activity 'Flaky'", "1 timer", "2 activity 'Flaky'", "3 timer", "4 activity 'Flaky'", "5 timer", "6 activity 'Next'"],
            history.SelectMany(e => e.Actions).Select(a => $"{a.Id} {a.Description}"));
    }

    [Fact, Promise("3.4.6", "3.8.1")]
    public async Task A_retried_child_without_an_id_keeps_its_generated_one()
    {
        var ids = new List<string>();
        Hub.Orchestrator("Child", c =>
        {
            lock (ids) ids.Add(c.InstanceId);
            return ids.Count < 3 ? throw new InvalidOperationException("not yet") : Task.FromResult("at last");
        });
        Hub.Orchestrator("Parent", c =>
            c.CallSubOrchestratorAsync<string>("Child", null, TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromMilliseconds(1)))));
        await Hub.StartAsync();
        Assert.Equal("at last", (await Hub.RunAsync("Parent")).ReadOutputAs<string>());
        Assert.Equal(3, ids.Count);
        Assert.Matches("^[0-9a-f]{32}$", Assert.Single(ids.Distinct()));
    }

    [Fact, Promise("3.3.4")]
    public async Task No_more_activities_run_at_a_time_than_allowed()
    {
        int running = 0, most = 0;
        Hub.Activity("Busy", async (int n, CancellationToken _) =>
        {
            var now = Interlocked.Increment(ref running);
            lock (Hub) most = Math.Max(most, now);
            await Task.Delay(30, CancellationToken.None);
            Interlocked.Decrement(ref running);
            return n;
        });
        Hub.Orchestrator("Fan", c => Task.WhenAll(Enumerable.Range(0, 12).Select(i => c.CallActivityAsync<int>("Busy", i))));
        await Hub.StartAsync(activitiesAtOnce: 3);
        await Hub.RunAsync("Fan");
        Assert.Equal(3, most);
    }

    [Fact, Promise("3.6.2")]
    public async Task A_timer_of_a_week_is_a_chain_of_three_days_three_days_and_one()
    {
        Hub.Orchestrator("Week", async c =>
        {
            await c.CreateTimer(TimeSpan.FromDays(7), default);
            return 0;
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Week");
        await Hub.Client.WaitForInstanceStartAsync(id);
        var history = (await Hub.Engine.Histories.ReadAsync(id, default))!.Episodes;
        var first = Assert.IsType<StartTimer>(Assert.Single(history[0].Actions));
        Assert.Equal(TimeSpan.FromDays(3), first.FireAt - history[0].At);
    }

    [Fact, Promise("3.13.1")]
    public async Task A_custom_status_above_16_KB_and_a_hundred_thousand_and_one_actions_are_refused()
    {
        Hub.Orchestrator("Talkative", c =>
        {
            c.SetCustomStatus(new string('x', 8_190));
            c.SetCustomStatus(new string('x', 8_191));
            return Task.FromResult(0);
        });
        Hub.Orchestrator("Greedy", c =>
        {
            for (var i = 0; i < 100_001; i++) c.SendEvent("nobody", "e", i);
            return Task.FromResult(0);
        });
        await Hub.StartAsync();
        Assert.Contains("16 KB", (await Hub.RunAsync("Talkative")).FailureDetails!.ErrorMessage);
        Assert.Contains("100,000", (await Hub.RunAsync("Greedy")).FailureDetails!.ErrorMessage);
    }

    [Fact, Promise("3.12.1")]
    public async Task An_orchestration_knows_its_version_and_continue_as_new_can_change_it()
    {
        Hub.Orchestrator("Child", c => Task.FromResult(c.Version));
        Hub.Orchestrator("Versioned", async c =>
        {
            if (c.CompareVersionTo("1.10") < 0)
            {
                c.ContinueAsNew(new ContinueAsNewOptions { NewInput = $"was {c.Version}", NewVersion = "2.0" });
                return "";
            }
            var child = await c.CallSubOrchestratorAsync<string>("Child", null, new SubOrchestrationOptions { Version = "7" });
            return $"{c.GetInput<string>()}, is {c.Version}, child {child}";
        });
        await Hub.StartAsync();
        var id = await Hub.Client.ScheduleNewOrchestrationInstanceAsync("Versioned", new StartOrchestrationOptions { Version = "1.9" });
        Assert.Equal("was 1.9, is 2.0, child 7", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
    }
}
