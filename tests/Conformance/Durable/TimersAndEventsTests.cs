using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Tpo.Tests.Conformance.Durable;

public sealed class TimersAndEventsTests(AzuriteFixture azurite) : HubTests(azurite)
{
    [Fact, Promise("3.6.1")]
    public async Task A_timer_never_fires_early_and_survives_a_kill()
    {
        Hub.Orchestrator("Sleep", async c =>
        {
            var due = c.CurrentUtcDateTime.AddMilliseconds(600);
            await c.CreateTimer(due, CancellationToken.None);
            return (c.CurrentUtcDateTime - due).TotalMilliseconds;
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Sleep");
        await Hub.Client.WaitForInstanceStartAsync(id);
        await Hub.KillAndRestartAsync();
        Assert.InRange((await Hub.FinishAsync(id)).ReadOutputAs<double>(), 0, 2000);
    }

    [Fact, Promise("3.6.3")]
    public async Task A_cancelled_timer_throws_and_does_not_hold_the_orchestration()
    {
        Hub.Activity("Quick", (object _) => "done");
        Hub.Orchestrator("Race", async c =>
        {
            using var stop = new CancellationTokenSource();
            var timer = c.CreateTimer(TimeSpan.FromHours(1), stop.Token);
            var work = c.CallActivityAsync<string>("Quick");
            var first = await Task.WhenAny(timer, work);
            stop.Cancel();
            try
            {
                await timer;
            }
            catch (TaskCanceledException)
            {
                return first == work ? "work won, timer cancelled" : "timer won";
            }
            return "the timer fired";
        });
        await Hub.StartAsync();
        Assert.Equal("work won, timer cancelled", (await Hub.RunAsync("Race")).ReadOutputAs<string>());
    }

    [Fact, Promise("3.7.1")]
    public async Task Events_wait_for_their_reader_in_order_ignoring_case_and_through_a_kill()
    {
        Hub.Orchestrator("Reader", async c =>
        {
            await c.WaitForExternalEvent<object>("Open");
            return await c.WaitForExternalEvent<string>("NAME") + await c.WaitForExternalEvent<string>("name");
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Reader");
        await Hub.Client.RaiseEventAsync(id, "Name", "1");
        await Hub.Client.RaiseEventAsync(id, "name", "2");
        await Hub.KillAndRestartAsync();
        await Hub.Client.RaiseEventAsync(id, "open");
        Assert.Equal("12", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
    }

    [Fact, Promise("3.7.2")]
    public async Task The_latest_of_several_waits_is_served_first_and_all_must_agree_on_the_type()
    {
        Hub.Orchestrator("Waits", async c =>
        {
            var first = c.WaitForExternalEvent<string>("e");
            var second = c.WaitForExternalEvent<string>("e");
            var refused = false;
            try { _ = c.WaitForExternalEvent<int>("e"); }
            catch (ArgumentException) { refused = true; }
            return $"{await second}{await first}{refused}";
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Waits");
        await Hub.Client.RaiseEventAsync(id, "e", "1");
        await Hub.Client.RaiseEventAsync(id, "e", "2");
        Assert.Equal("12True", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
    }

    [Fact, Promise("3.7.3")]
    public async Task A_wait_that_timed_out_throws_and_swallows_no_later_event()
    {
        Hub.Orchestrator("Patient", async c =>
        {
            try
            {
                return await c.WaitForExternalEvent<string>("e", TimeSpan.FromMilliseconds(50));
            }
            catch (TaskCanceledException)
            {
                c.SetCustomStatus("timed out");
                return "later: " + await c.WaitForExternalEvent<string>("e", TimeSpan.FromMinutes(5));
            }
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Patient");
        await TestHub.EventuallyAsync(async () => (await Hub.Client.GetInstanceAsync(id, true))!.SerializedCustomStatus is not null,
            "it timed out");
        await Hub.Client.RaiseEventAsync(id, "e", "here");
        Assert.Equal("later: here", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
    }

    [Fact, Promise("3.9.1", "3.9.2")]
    public async Task Continue_as_new_starts_over_with_unread_events_custom_status_and_a_short_history()
    {
        Hub.Orchestrator("Counter", async c =>
        {
            var (sum, left) = c.GetInput<(int, int)>();
            if (left == 0) return sum;
            if (left == 3) c.SetCustomStatus("counting");
            _ = c.CreateTimer(TimeSpan.FromHours(1), CancellationToken.None); // abandoned with its execution
            sum += await c.WaitForExternalEvent<int>("add");
            c.ContinueAsNew((sum, left - 1));
            return -1;
        });
        await Hub.StartAsync();
        var id = await Hub.StartInstanceAsync("Counter", (0, 3));
        foreach (var n in new[] { 1, 20, 300 }) await Hub.Client.RaiseEventAsync(id, "add", n);
        await Hub.KillAndRestartAsync();
        var done = await Hub.FinishAsync(id);
        Assert.Equal(321, done.ReadOutputAs<int>());
        Assert.Equal("counting", done.ReadCustomStatusAs<string>());
        Assert.Equal(OrchestrationRuntimeStatus.Completed, done.RuntimeStatus);
    }

    [Fact, Promise("3.7.5")]
    public async Task An_orchestration_can_send_an_event_to_another()
    {
        Hub.Orchestrator("Receiver", c => c.WaitForExternalEvent<string>("letter"));
        Hub.Orchestrator("Sender", c =>
        {
            c.SendEvent(c.GetInput<string>()!, "letter", "greetings");
            return Task.FromResult(0);
        });
        await Hub.StartAsync();
        var receiver = await Hub.StartInstanceAsync("Receiver");
        await Hub.RunAsync("Sender", receiver);
        Assert.Equal("greetings", (await Hub.FinishAsync(receiver)).ReadOutputAs<string>());
    }
}
