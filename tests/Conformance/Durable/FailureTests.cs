using Microsoft.DurableTask;
using Microsoft.DurableTask.Client;

namespace Tpo.Tests.Conformance.Durable;

public sealed class FailureTests(AzuriteFixture azurite) : HubTests(azurite)
{
    [Fact, Promise("3.5.1", "3.5.2", "3.5.3")]
    public async Task A_failure_crosses_as_data_through_activity_child_and_parent()
    {
        Hub.Activity<object, int>("Boom", _ => throw new InvalidOperationException("boom", new ArgumentException("inner")));
        Hub.Orchestrator("Child", c => c.CallActivityAsync<int>("Boom"));
        Hub.Orchestrator("Parent", async c =>
        {
            try
            {
                await c.CallSubOrchestratorAsync("Child");
                return "no failure";
            }
            catch (TaskFailedException e)
            {
                var activity = e.FailureDetails.InnerFailure!;
                return $"{e.TaskName}|{e.FailureDetails.ErrorType}|{activity.ErrorType}|{activity.InnerFailure!.ErrorType}|"
                    + $"{activity.IsCausedBy<SystemException>()}|{activity.IsCausedBy<IOException>()}";
            }
        });
        await Hub.StartAsync();

        var child = await Hub.RunAsync("Child");
        Assert.Equal(OrchestrationRuntimeStatus.Failed, child.RuntimeStatus);
        Assert.Equal(typeof(TaskFailedException).FullName, child.FailureDetails!.ErrorType);
        Assert.Equal("Task 'Boom' (#0) failed with an unhandled exception: boom", child.FailureDetails.ErrorMessage);
        Assert.Equal(child.FailureDetails.ErrorMessage, child.ReadOutputAs<string>());

        Assert.Equal("Child|Microsoft.DurableTask.TaskFailedException|System.InvalidOperationException|System.ArgumentException|True|False",
            (await Hub.RunAsync("Parent")).ReadOutputAs<string>());
    }

    [Fact, Promise("3.4.2")]
    public async Task A_retry_policy_tries_as_often_and_as_far_apart_as_it_says()
    {
        var times = new List<DateTime>();
        Hub.Activity<object, int>("Flaky", _ =>
        {
            lock (times) times.Add(DateTime.UtcNow);
            throw new TimeoutException("busy");
        });
        var options = TaskOptions.FromRetryPolicy(new RetryPolicy(3, TimeSpan.FromMilliseconds(200), backoffCoefficient: 2));
        Hub.Orchestrator("Retries", c => c.CallActivityAsync<int>("Flaky", null, options));
        await Hub.StartAsync();
        var done = await Hub.RunAsync("Retries");
        Assert.Equal("Task 'Flaky' (#4) failed with an unhandled exception: busy", done.FailureDetails!.ErrorMessage);
        Assert.Equal(3, times.Count);
        Assert.InRange((times[1] - times[0]).TotalMilliseconds, 200, 10_000);
        Assert.InRange((times[2] - times[1]).TotalMilliseconds, 400, 10_000);
    }

    [Fact, Promise("3.4.3", "3.4.4", "3.4.5")]
    public async Task A_retry_goes_on_after_a_kill_and_a_filter_or_handler_can_end_it()
    {
        var healthy = false;
        Hub.Activity<object, string>("Flaky", _ => healthy ? "well" : throw new TimeoutException("busy"));
        Hub.Orchestrator("Policy", c => c.CallActivityAsync<string>("Flaky", null,
            TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromMilliseconds(700)))));
        Hub.Orchestrator("Filter", c => c.CallActivityAsync<string>("Flaky", null,
            TaskOptions.FromRetryPolicy(new RetryPolicy(5, TimeSpan.FromHours(1)) { HandleFailure = f => f.IsCausedBy<IOException>() })));
        Hub.Orchestrator("Handler", c => c.CallActivityAsync<string>("Flaky", null,
            TaskOptions.FromRetryHandler(retry => retry.LastAttemptNumber < 2 && retry.LastFailure.IsCausedBy<TimeoutException>())));
        await Hub.StartAsync();

        Assert.Contains("(#0)", (await Hub.RunAsync("Filter")).FailureDetails!.ErrorMessage);
        Assert.Contains("(#1)", (await Hub.RunAsync("Handler")).FailureDetails!.ErrorMessage);
        var id = await Hub.StartInstanceAsync("Policy");
        await TestHub.EventuallyAsync(() => Hub.Runs.Count == 4, "the first attempt was made");
        await Task.Delay(200);
        await Hub.KillAsync();
        healthy = true;
        await Hub.StartAsync();
        Assert.Equal("well", (await Hub.FinishAsync(id)).ReadOutputAs<string>());
        Assert.Equal(5, Hub.Runs.Count);
    }

    [Fact, Promise("3.3.2")]
    public async Task What_does_not_exist_fails_with_its_name()
    {
        Hub.Orchestrator("Caller", c => c.CallActivityAsync<int>("Nowhere"));
        Hub.Orchestrator("Parent", c => c.CallSubOrchestratorAsync<int>("NoChild"));
        await Hub.StartAsync();
        Assert.Contains("activity 'Nowhere' does not exist", (await Hub.RunAsync("Caller")).FailureDetails!.ErrorMessage);
        Assert.Contains("orchestrator 'NoChild' does not exist", (await Hub.RunAsync("Parent")).FailureDetails!.ErrorMessage);
        await Assert.ThrowsAsync<ArgumentException>(() => Hub.StartInstanceAsync("Nobody"));
    }

    [Fact, Promise("2.6.2")]
    public async Task Options_passed_as_input_and_a_result_of_another_type_are_refused()
    {
        Hub.Activity("Text", (object _) => "text");
        Hub.Orchestrator("Misplaced", c => c.CallActivityAsync<string>("Text", (object)TaskOptions.FromRetryHandler(_ => true)));
        Hub.Orchestrator("Mistyped", c => c.CallActivityAsync<int>("Text"));
        await Hub.StartAsync();
        Assert.Equal(typeof(ArgumentException).FullName, (await Hub.RunAsync("Misplaced")).FailureDetails!.ErrorType);
        Assert.Contains("cannot be read as System.Int32", (await Hub.RunAsync("Mistyped")).FailureDetails!.ErrorMessage);
    }
}
