using System.Text;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using static Tpo.Tests.Conformance.Backends.FakeAzure;

namespace Tpo.Tests.Conformance.Backends;

/// <summary>Trainings as jobs of Azure Machine Learning: what is asked of the service, and what becomes of each of its answers.</summary>
[Collection(AzuriteCollection.Name)]
public sealed class AzureMlTests(AzuriteFixture azurite)
{
    private const string Name = TrainingBackends.AzureMl;

    [Fact]
    public async Task A_start_submits_a_command_job_with_the_runs_id_identity_and_budget_and_without_any_secret()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name, new TrainingBudget(1.5));
        Assert.False((await stage.SeeAsync()).Beats);
        await stage.StartJobAsync();

        var job = Assert.Single(stage.Azure.Jobs);
        Assert.Equal($"tpo-{stage.RunId}-1", job.Name);
        var properties = job.Properties;
        Assert.Equal(("Command", "tpo", "Managed"), ((string)properties["jobType"]!, (string)properties["experimentName"]!, (string)properties["identity"]!["identityType"]!));
        Assert.Equal($"sh /job.sh train --run-id {stage.RunId}", (string)properties["command"]!);
        Assert.Equal($"{Workspace}/computes/gpu", (string)properties["computeId"]!);
        Assert.Equal(("Command", "PT1H30M"), ((string)properties["limits"]!["jobLimitsType"]!, (string)properties["limits"]!["timeout"]!));
        Assert.Equal(1, (int)properties["resources"]!["instanceCount"]!);
        Assert.Equal(("tpostore", "99999999-0000-0000-0000-000000000000"), (job.Variable("AzureWebJobsStorage__accountName"), job.Variable("AzureWebJobsStorage__clientId")));
        Assert.Equal($"azureml:/{Workspace}/datastores/tpo_training/paths/{stage.RunId}/", (string)properties["outputs"]!["training"]!["uri"]!);
        Assert.DoesNotContain("secret-connection", job.Body.ToJsonString());
        Assert.Equal(("NotStarted", $"https://ml.azure.com/runs/{job.Name}"), ((await stage.RecordAsync())!.Word, (await stage.RecordAsync())!.Link));
    }

    [Theory]
    [InlineData("NotStarted", PlatformState.Queued)]
    [InlineData("Queued", PlatformState.Queued)]
    [InlineData("Preparing", PlatformState.Starting)]
    [InlineData("Provisioning", PlatformState.Starting)]
    [InlineData("Starting", PlatformState.Starting)]
    [InlineData("Running", PlatformState.Running)]
    [InlineData("Finalizing", PlatformState.Running)]
    [InlineData("CancelRequested", PlatformState.Running)]
    [InlineData("NotResponding", PlatformState.Unknown)]
    [InlineData("SomethingNewer", PlatformState.Unknown)]
    public async Task A_job_that_has_not_ended_is_never_taken_for_dead_however_long_it_is_silent(string status, PlatformState state)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        stage.Azure.Jobs.Single().Status = status;
        await stage.BeatAsync(JobPhase.Running, at: DateTimeOffset.UtcNow.AddHours(-5));
        var seen = await stage.SeeAsync();
        Assert.Equal((state, true, JobPhase.Running, TimeSpan.FromSeconds(15)), (seen.Platform, seen.Beats, seen.Phase, seen.Wait));
        Assert.Equal(WatchMove.Wait, JobWatch.Next(seen, TimeSpan.Zero));
        Assert.Equal(status, (await stage.RecordAsync())!.Word);
    }

    [Fact]
    public async Task A_start_that_is_repeated_starts_nothing_twice_whatever_was_lost_in_between()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        await stage.StartJobAsync();
        Assert.Equal(1, stage.Azure.Requests.Count(request => request.Method == "PUT"));

        // The app died after the service had the job, before it wrote that down.
        await stage.Storage.Container(Containers.Training).DeleteBlobAsync(TrainingBlobs.Backend(stage.RunId));
        await stage.StartJobAsync();
        Assert.Equal(1, stage.Azure.Requests.Count(request => request.Method == "PUT"));
        Assert.Equal(($"tpo-{stage.RunId}-1", 1), ((await stage.RecordAsync())!.Name, (await stage.RecordAsync())!.Start));
        Assert.Single(stage.Azure.Jobs);
    }

    [Fact]
    public async Task A_submission_whose_answer_was_lost_meets_its_own_job_and_goes_on_with_it()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        await stage.Storage.Container(Containers.Training).DeleteBlobAsync(TrainingBlobs.Backend(stage.RunId));
        // The look before the PUT does not see the job yet; the PUT then meets it.
        stage.Azure.Fail("GET", Error(404, "NotFound", "Run was not found."));
        stage.Azure.Fail("PUT", Error(409, "Conflict", "A job of that name exists already."));
        await stage.StartJobAsync();
        Assert.Single(stage.Azure.Jobs);
        Assert.Equal(PlatformState.Queued, (await stage.SeeAsync()).Platform);
        Assert.Null(await stage.ProgressAsync());
    }

    [Fact]
    public async Task A_job_that_somebody_deleted_is_started_again_under_the_next_name()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        stage.Azure.Fail("GET", Error(404, "NotFound", "Run was not found."));
        Assert.Equal(WatchMove.Start, JobWatch.Next(await stage.SeeAsync(), TimeSpan.Zero));
        stage.Azure.Fail("GET", Error(404, "NotFound", "Run was not found."));
        await stage.StartJobAsync();
        Assert.Equal([$"tpo-{stage.RunId}-1", $"tpo-{stage.RunId}-2"], stage.Azure.Jobs.Select(job => job.Name).Order());
    }

    [Fact]
    public async Task Throttling_is_waited_out_as_long_as_the_service_asks()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        stage.Azure.Fail("PUT", Error(429, "TooManyRequests", "Slow down.", ("Retry-After", "1")), times: 2);
        var clock = System.Diagnostics.Stopwatch.StartNew();
        await stage.StartJobAsync();
        Assert.True(clock.Elapsed >= TimeSpan.FromSeconds(2), $"{clock.Elapsed}");
        Assert.Single(stage.Azure.Jobs);
        Assert.Equal(3, stage.Azure.Requests.Count(request => request.Method == "PUT"));
    }

    [Theory]
    [InlineData(500, "InternalServerError")]
    [InlineData(503, "ServiceUnavailable")]
    [InlineData(429, "TooManyRequests")]
    public async Task A_fault_of_the_service_during_a_look_costs_the_run_nothing(int status, string code)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        stage.Azure.Fail("GET", Error(status, code, "busy"), times: 4);
        var seen = await stage.SeeAsync();
        Assert.Equal((PlatformState.Unknown, true, false), (seen.Platform, seen.Beats, seen.IsFinal));
        Assert.Equal(PlatformState.Queued, (await stage.SeeAsync()).Platform);
    }

    [Theory]
    [InlineData("")]
    [InlineData("<html>gateway</html>")]
    [InlineData("{\"properties\":")]
    [InlineData("{\"properties\":{}}")]
    [InlineData("[]")]
    public async Task An_answer_that_cannot_be_read_is_no_end_of_the_job(string text)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        stage.Azure.Fail("GET", Raw(200, text));
        Assert.Equal((PlatformState.Unknown, false), ((await stage.SeeAsync()).Platform, (await stage.SeeAsync()).IsFinal));
    }

    [Theory]
    [InlineData(401, "AuthenticationFailed", "Check the app's identity")]
    [InlineData(403, "AuthorizationFailed", "role that infra/azure assigns")]
    [InlineData(400, "UserError", "does not have permission to PUT.")]
    [InlineData(500, "InternalServerError", "does not have permission to PUT.")]
    public async Task A_start_that_is_refused_ends_the_run_with_the_services_words_and_a_way_out(int status, string code, string said)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        stage.Azure.Fail("PUT", Error(status, code, "The client does not have permission to PUT."), times: 4);
        await stage.StartJobAsync();
        Assert.True((await stage.SeeAsync()) is { Phase: JobPhase.Failed, IsFinal: true });
        var message = (await stage.ProgressAsync())!.Message!;
        Assert.Contains($"Azure answered {status}", message);
        Assert.Contains(code, message);
        Assert.Contains(said, message);
        Assert.Contains($"/jobs/tpo-{stage.RunId}-1", message);
    }

    [Fact]
    public async Task A_workspace_that_is_not_there_is_told_with_the_setting_to_look_at()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        stage.Settings = stage.Settings with { AzureMl = stage.Settings.AzureMl with { WorkspaceId = $"{Workspace}-gone" } };
        await stage.StartJobAsync();
        Assert.Equal(JobPhase.Failed, (await stage.SeeAsync()).Phase);
        Assert.Contains("(ResourceNotFound)", (await stage.ProgressAsync())!.Message);
        Assert.Contains("Check the resource id in the settings.", (await stage.ProgressAsync())!.Message);
        Assert.Empty(stage.Azure.Jobs);
    }

    [Theory]
    [InlineData("Failed")]
    [InlineData("Canceled")]
    [InlineData("Completed")]
    public async Task A_job_that_ended_without_a_last_word_fails_the_run_with_its_last_lines(string status)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name, new TrainingBudget(4));
        await stage.StartJobAsync();
        await stage.BeatAsync(JobPhase.Running, at: DateTimeOffset.UtcNow.AddMinutes(-2));
        var log = string.Concat(Enumerable.Range(0, 200).Select(step => $"step {step}: loss 0.6, and so on\n"));
        var blob = stage.Storage.Container(Containers.Training).GetBlobClient(TrainingBlobs.Log(stage.RunId));
        await blob.UploadAsync(new MemoryStream(Encoding.UTF8.GetBytes(log)));
        stage.Azure.Jobs.Single().Status = status;

        Assert.Equal(JobPhase.Failed, (await stage.SeeAsync()).Phase);
        var progress = (await stage.ProgressAsync())!;
        Assert.Equal((JobPhase.Failed, 3), (progress.Phase, progress.Step));
        Assert.StartsWith($"Azure Machine Learning ended the job 'tpo-{stage.RunId}-1' as {status}.", progress.Message);
        Assert.Contains($"https://ml.azure.com/runs/tpo-{stage.RunId}-1", progress.Message);
        Assert.EndsWith("step 199: loss 0.6, and so on", progress.Message);
        Assert.DoesNotContain("step 10:", progress.Message);
        Assert.Equal(status == "Canceled", progress.Message!.Contains("Its budget of 4 hours (budget.maxHours) is its timeout there."));
    }

    [Theory]
    [InlineData(JobPhase.Succeeded, "Completed", null)]
    [InlineData(JobPhase.Failed, "Failed", "There is no model 'nowhere'.")]
    [InlineData(JobPhase.Cancelled, "Completed", "The run was cancelled on request.")]
    public async Task What_the_job_itself_said_last_goes_before_what_the_platform_calls_it(JobPhase phase, string status, string? message)
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        stage.Azure.Jobs.Single().Status = status;
        await stage.BeatAsync(phase, message);
        Assert.Equal(phase, (await stage.SeeAsync()).Phase);
        Assert.Equal(message, (await stage.ProgressAsync())!.Message);
    }

    [Fact]
    public async Task A_job_that_still_waits_for_its_machine_is_cancelled_at_the_platform_and_the_run_ends_as_cancelled()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.StartJobAsync();
        stage.Azure.Jobs.Single().Status = "Queued";
        await stage.AskToEndAsync();
        Assert.Equal(WatchMove.EndAtPlatform, JobWatch.Next(await stage.SeeAsync(), TimeSpan.Zero));
        stage.Azure.Fail("POST", Error(503, "ServiceUnavailable", "busy"), times: 4);
        await stage.Lookout.CancelAsync(stage.RunId, null, atPlatform: true, CancellationToken.None);
        Assert.Equal("Queued", stage.Azure.Jobs.Single().Status);
        await stage.Lookout.CancelAsync(stage.RunId, null, atPlatform: true, CancellationToken.None);
        Assert.Equal("CancelRequested", stage.Azure.Jobs.Single().Status);
        Assert.False((await stage.SeeAsync()).IsFinal);
        stage.Azure.Jobs.Single().Status = "Canceled";
        Assert.Equal(JobPhase.Cancelled, (await stage.SeeAsync()).Phase);
        Assert.Null(await stage.Lookout.WhyCancelledAsync(stage.RunId, CancellationToken.None));
    }

    [Fact]
    public async Task A_job_that_beats_is_asked_by_its_own_storage_and_ends_after_its_step()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name, new TrainingBudget(2));
        await stage.StartJobAsync();
        await stage.BeatAsync(JobPhase.Running);
        var seen = await stage.SeeAsync();
        Assert.Equal((true, null, 2), (seen.Runs, seen.Cancelling, seen.MaxHours));
        Assert.Equal(WatchMove.AskToEnd, JobWatch.Next(seen, TimeSpan.FromHours(2)));
        await stage.Lookout.CancelAsync(stage.RunId, JobWatch.BudgetSentence(2), atPlatform: false, CancellationToken.None);
        Assert.Equal(WatchMove.Wait, JobWatch.Next(await stage.SeeAsync(), TimeSpan.FromHours(2)));
        Assert.Equal(0, stage.Azure.Count("POST", "/cancel"));
        Assert.Equal("The job was ended because its budget of 2 hours is used up (budget.maxHours).", await stage.Lookout.WhyCancelledAsync(stage.RunId, CancellationToken.None));
        // It does not end: the platform ends it.
        Assert.Equal(WatchMove.EndAtPlatform, JobWatch.Next(await stage.SeeAsync(), TimeSpan.FromHours(2.5)));
    }

    [Fact]
    public async Task A_run_that_failed_lets_no_job_go_on_costing()
    {
        await using var stage = await BackendStage.StartAsync(azurite, Name);
        await stage.Lookout.LetGoAsync(stage.RunId, CancellationToken.None);
        Assert.Empty(stage.Azure.Requests);
        await stage.StartJobAsync();
        await stage.Lookout.LetGoAsync(stage.RunId, CancellationToken.None);
        Assert.Equal("CancelRequested", stage.Azure.Jobs.Single().Status);
    }
}
