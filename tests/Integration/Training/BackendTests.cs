using System.Net;
using Tpo.Shared.Benchmarks;
using Tpo.Shared.Models;
using Tpo.Shared.Storage;
using Tpo.Shared.Training;
using Tpo.Tests.Conformance.Backends;

namespace Tpo.Tests.Integration.Training;

/// <summary>From a request to a registered model, wherever the job is.</summary>
public sealed class BackendTests(BackendHouse house) : IClassFixture<BackendHouse>
{
    [Fact]
    public async Task A_job_in_azure_that_waits_for_a_machine_while_the_app_dies_is_found_again_and_trains()
    {
        house.HasMachines = false;
        var location = await house.StartAsync(house.Request("azureml"));
        await house.UntilAsync("it is queued", location, status => status.Job is { State: PlatformState.Queued, Word: "Queued" });
        // Silent for longer than a job of this machine may be.
        await Task.Delay(TimeSpan.FromSeconds(25));
        await house.App.KillAsync();
        await house.App.StartAsync();
        Assert.Equal(PlatformState.Queued, (await house.GetAsync(location)).Job!.State);
        house.HasMachines = true;

        var status = await house.EndAsync(location);
        Assert.True(status.Run.Status == RunStatus.Succeeded, status.Run.Failure);
        Assert.Equal(6, status.Metrics.Count);
        var job = Assert.Single(house.Azure.Jobs, job => job.Name == status.Job!.Name);
        Assert.Equal($"https://ml.azure.com/runs/{job.Name}", status.Job!.Link);
        Assert.Equal(1, house.Azure.Requests.Count(request => request.Method == "PUT" && request.Path.EndsWith(job.Name, StringComparison.Ordinal)));
        Assert.NotNull(await new Catalog(house.Storage).FindAsync<ModelCard>(Catalog.Models, status.Run.Result!.ModelId));
        Assert.Contains("step 5: loss", await house.App.Http.GetStringAsync($"{location}/log"));
    }

    [Fact]
    public async Task A_job_in_azure_is_cancelled_before_it_has_a_machine()
    {
        house.HasMachines = false;
        var location = await house.StartAsync(house.Request("azureml"));
        await house.UntilAsync("it is queued", location, status => status.Job?.Word == "Queued");
        (await house.App.Http.DeleteAsync(location)).EnsureSuccessStatusCode();
        var status = await house.EndAsync(location);
        Assert.Equal((RunStatus.Cancelled, "The run was cancelled on request."), (status.Run.Status, status.Run.Failure));
        Assert.Equal("Canceled", house.Azure.Jobs.Single(job => job.Name == status.Job!.Name).Status);
        house.HasMachines = true;
    }

    [Fact]
    public async Task A_job_that_fails_in_azure_and_a_submission_that_is_refused_are_told_as_such()
    {
        house.Azure.Fail("PUT", FakeAzure.Error(403, "AuthorizationFailed", "The client does not have authorization to perform action 'jobs/write'."));
        var refused = await house.EndAsync(await house.StartAsync(house.Request("azureml")));
        Assert.Equal(RunStatus.Failed, refused.Run.Status);
        Assert.StartsWith("Azure answered 403 Forbidden (AuthorizationFailed) to PUT ", refused.Run.Failure);

        await house.Storage.WriteTextAsync(Containers.Datasets, "none/v1/dataset.json", "{}", "application/json");
        var failed = await house.EndAsync(await house.StartAsync(house.Request("azureml") with { Dataset = "none/v1" }));
        Assert.Equal(RunStatus.Failed, failed.Run.Status);
        Assert.StartsWith("The dataset 'none/v1' has no pairs", failed.Run.Failure);
    }

    [Theory]
    [InlineData("process")]
    [InlineData("container")]
    public async Task A_job_on_this_machine_trains_in_a_process_or_in_a_container(string backend)
    {
        var location = await house.StartAsync(house.Request(backend));
        var status = await house.EndAsync(location);
        Assert.True(status.Run.Status == RunStatus.Succeeded, status.Run.Failure);
        Assert.Equal(6, status.Metrics.Count);
        Assert.Equal(backend == "process", status.Job is null);
        Assert.Contains("step 5: loss", await house.App.Http.GetStringAsync($"{location}/log"));
    }

    [Fact]
    public Task A_job_past_its_budget_is_ended_with_a_sentence() => EndsAtItsBudgetAsync("process");

    [Fact, Trait("Lane", "slow")]
    public Task So_is_one_in_azure() => EndsAtItsBudgetAsync("azureml");

    private async Task EndsAtItsBudgetAsync(string backend)
    {
        var location = await house.StartAsync(house.Request(backend) with { Steps = 50_000, SaveEvery = 50_000, Budget = new TrainingBudget(0.006) });
        var status = await house.EndAsync(location);
        Assert.Equal((RunStatus.Cancelled, "The job was ended because its budget of 0.006 hours is used up (budget.maxHours)."), (status.Run.Status, status.Run.Failure));
        Assert.True(status.Metrics.Count > 0, "It did not train at all.");
    }

    [Fact]
    public async Task The_same_training_is_not_run_twice_at_once_unless_it_is_forced()
    {
        var request = house.Request("process") with { Steps = 50_000, SaveEvery = 50_000 };
        var answers = await Task.WhenAll(house.PostAsync(request), house.PostAsync(request));
        var refused = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Conflict);
        var location = Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Accepted).Headers.Location!.OriginalString;
        Assert.Contains($"'{location.Split('/')[^1]}'", await BackendHouse.SentenceAsync(refused, HttpStatusCode.Conflict));
        Assert.Equal(location, refused.Headers.Location!.OriginalString);
        Assert.Contains("force: true", await BackendHouse.SentenceAsync(await house.PostAsync(request with { Steps = 9 }), HttpStatusCode.Conflict));
        var forced = await house.StartAsync(request with { Force = true });
        Assert.NotEqual(location, forced);
        foreach (var running in new[] { location, forced })
        {
            (await house.App.Http.DeleteAsync(running)).EnsureSuccessStatusCode();
            Assert.Equal(RunStatus.Cancelled, (await house.EndAsync(running)).Run.Status);
        }
        Assert.Equal(RunStatus.Succeeded, (await house.EndAsync(await house.StartAsync(house.Request("process")))).Run.Status);
    }

    [Fact]
    public async Task What_is_not_configured_or_not_there_is_refused_by_field_and_setting()
    {
        Assert.Contains("backend: Give one of process, container", await BackendHouse.SentenceAsync(await house.PostAsync(house.Request("slurm")), HttpStatusCode.BadRequest));
        Assert.Contains("'Tpo__ContainerApps__JobId' is missing", await BackendHouse.SentenceAsync(await house.PostAsync(house.Request("containerapps")), HttpStatusCode.BadRequest));
        Assert.Contains("dataset: Each round makes pairs of its own", await BackendHouse.SentenceAsync(await house.PostAsync(house.Request("process") with { Rounds = 2 }), HttpStatusCode.BadRequest));
        var budget = house.Request("process") with { Budget = new TrainingBudget(0) };
        Assert.Contains("budget: Give maxHours", await BackendHouse.SentenceAsync(await house.PostAsync(budget), HttpStatusCode.BadRequest));
    }

    [Fact]
    public async Task A_benchmark_follows_where_it_is_asked_for()
    {
        var request = house.Request("process") with { Benchmark = true, Force = true };
        Assert.Contains("benchmark: There is no suite 'small'", await BackendHouse.SentenceAsync(await house.PostAsync(request), HttpStatusCode.BadRequest));
        Assert.Contains("rounds: There is no suite 'small'", await BackendHouse.SentenceAsync(await house.PostAsync(request with { Rounds = 2, Dataset = "set" }), HttpStatusCode.BadRequest));
        await house.PutSuiteAsync();
        var location = await house.StartAsync(request);
        Assert.Equal(RunStatus.Succeeded, (await house.EndAsync(location)).Run.Status);
        var run = (await house.UntilAsync("a benchmark is there", location, status => status.Run.Benchmark is not null)).Run;
        var benchmark = await House.EventuallyAsync("the benchmark ends", TimeSpan.FromMinutes(3), async () =>
            await new Catalog(house.Storage).FindAsync<BenchmarkRun>(Catalog.BenchmarkRuns, run.Benchmark!) is { IsFinal: true } seen ? seen : null);
        Assert.Equal((BenchmarkStatus.Succeeded, "tiny", run.Result!.ModelId), (benchmark.Status, benchmark.Models[0], benchmark.Models[1]));
    }
}
