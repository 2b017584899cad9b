using System.Text.Json.Nodes;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using static Tpo.Tests.Conformance.Backends.FakeAzure;

namespace Tpo.Tests.Conformance.Backends;

/// <summary>Trainings as executions of an Azure Container Apps job.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class ContainerAppsTests(AzuriteFixture azurite)
{
    private const string Name = TrainingBackends.ContainerApps;

    [Fact]
    public async Task A_start_runs_the_jobs_own_container_with_the_runs_arguments_and_variables()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        var execution = Assert.Single(stage.Azure.Executions);
        var container = execution.Properties["template"]!["containers"]![0]!;
        Assert.Equal(("job", "registry/tpo-gpujob:1", "220Gi"), ((string)container["name"]!, (string)container["image"]!, (string)container["resources"]!["memory"]!));
        Assert.Equal(["train", "--run-id", stage.RunId], ((JsonArray)container["args"]!).Select(argument => (string)argument!));
        Assert.Equal(("/tmp/tpo", "tpostore", $"{stage.RunId}-1"), (execution.Variable("Tpo__WorkFolder"), execution.Variable("AzureWebJobsStorage__accountName"), execution.Variable("TPO_START")));
        Assert.False(container.AsObject().ContainsKey("volumeMounts"), "What an execution cannot override must not be sent.");
        Assert.DoesNotContain("secret-connection", execution.Body.ToJsonString());
        Assert.Equal((PlatformState.Starting, true), ((await stage.SeeAsync()).Platform, (await stage.SeeAsync()).Beats));
    }

    [Theory]
    [InlineData("Processing", PlatformState.Starting)]
    [InlineData("Running", PlatformState.Running)]
    [InlineData("Degraded", PlatformState.Running)]
    [InlineData("Unknown", PlatformState.Unknown)]
    public async Task An_execution_that_has_not_ended_is_not_taken_for_dead(string status, PlatformState state)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        stage.Azure.Executions.Single().Status = status;
        Assert.Equal((state, true), ((await stage.SeeAsync()).Platform, (await stage.SeeAsync()).Beats));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_start_that_is_repeated_finds_its_execution_among_many(bool acceptsOnly)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        stage.Azure.AcceptsOnly = acceptsOnly;
        for (var others = 0; others < 3; others++)
            await stage.StartOtherAsync();
        await stage.StartJobAsync();
        await stage.StartJobAsync();
        await stage.Storage.Container(Containers.Training).DeleteBlobAsync(TrainingBlobs.Backend(stage.RunId));
        await stage.StartJobAsync();
        Assert.Equal((4, 4), (stage.Azure.Executions.Count, stage.Azure.Count("POST", "/start")));
        await stage.SeeAsync();
        Assert.Equal(stage.Azure.Executions.Single(execution => execution.Variable("TPO_START") == $"{stage.RunId}-1").Name, (await stage.RecordAsync())!.Name);
    }

    [Fact]
    public async Task An_execution_that_is_gone_is_started_again_as_the_next()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        var first = stage.Azure.Executions.Single();
        stage.Azure.Fail("GET", Error(404, "JobExecutionNotFound", "gone"));
        Assert.Equal(WatchMove.Start, JobWatch.Next(await stage.SeeAsync(), TimeSpan.Zero));
        stage.Azure.Fail("GET", Error(404, "JobExecutionNotFound", "gone"));
        await stage.StartJobAsync();
        var second = stage.Azure.Executions.Single(execution => execution.Name != first.Name);
        Assert.Equal($"{stage.RunId}-2", second.Variable("TPO_START"));
        Assert.Equal((2, second.Name), ((await stage.RecordAsync())!.Start, (await stage.RecordAsync())!.Name));
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Stopped")]
    [InlineData("Succeeded")]
    public async Task An_execution_that_ended_without_a_last_word_fails_the_run(string status)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        stage.Azure.Executions.Single().Status = status;
        Assert.Equal(JobPhase.Failed, (await stage.SeeAsync()).Phase);
        Assert.Equal(
            $"Azure Container Apps ended the execution '{stage.Azure.Executions.Single().Name}' as {status}. It printed nothing.", (await stage.ProgressAsync())!.Message);
    }

    [Fact]
    public async Task A_cancelled_run_whose_job_does_not_beat_is_stopped_there()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        await stage.AskToEndAsync();
        Assert.Equal(WatchMove.EndAtPlatform, JobWatch.Next(await stage.SeeAsync(), TimeSpan.Zero));
        await stage.Lookout.CancelAsync(stage.RunId, null, atPlatform: true, CancellationToken.None);
        Assert.Equal(1, stage.Azure.Count("POST", "/stop"));
        Assert.Equal(JobPhase.Cancelled, (await stage.SeeAsync()).Phase);
        await stage.Lookout.CancelAsync(stage.RunId, null, atPlatform: true, CancellationToken.None);
        Assert.Equal(1, stage.Azure.Count("POST", "/stop"));
    }

    [Fact]
    public async Task A_job_that_does_not_exist_ends_the_run_with_a_sentence()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        stage.Settings = stage.Settings with { ContainerApps = new ContainerAppsSettings { JobId = $"{AppsJob}-gone" } };
        await stage.StartJobAsync();
        Assert.Equal(JobPhase.Failed, (await stage.SeeAsync()).Phase);
        Assert.Contains("Azure answered 404", (await stage.ProgressAsync())!.Message);
    }

    [Fact]
    public async Task A_list_that_leads_to_another_host_is_not_followed_since_the_token_would_go_with_it()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        stage.Azure.Fail("GET", Raw(200, """{"value":[],"nextLink":"https://elsewhere.example/executions"}"""));
        await stage.StartJobAsync();
        Assert.Contains("'elsewhere.example'", (await stage.ProgressAsync())!.Message);
        Assert.Empty(stage.Azure.Executions);
    }
}
