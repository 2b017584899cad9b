using Tpo.Shared;
using Tpo.Shared.Training;

namespace Tpo.Tests.Unit.Training.Backends;

/// <summary>A request for a backend that cannot be had here names the field and the setting that is missing.</summary>
public sealed class BackendRulesTests
{
    private const string Group = "/subscriptions/s/resourceGroups/g";

    private static readonly TpoSettings full = new()
    {
        ContainerImage = "img",
        AzureMl = new AzureMlSettings { WorkspaceId = $"{Group}/providers/Microsoft.MachineLearningServices/workspaces/w", ComputeId = "gpu", EnvironmentId = "e" },
        ContainerApps = new ContainerAppsSettings { JobId = $"{Group}/providers/Microsoft.App/jobs/j" },
    };

    [Fact]
    public void An_unknown_backend_is_told_with_those_that_there_are()
    {
        var (field, sentence) = Assert.Single(TrainingRules.Check(new TrainingRequest { Backend = "slurm" }, name => throw new InvalidOperationException(name)));
        Assert.Equal(("backend", "Give one of process, container, azureml, containerapps."), (field, sentence));
    }

    public static TheoryData<string, TpoSettings, bool, string> Missing => new()
    {
        { "container", new TpoSettings(), true, "Tpo__ContainerImage" },
        { "azureml", new TpoSettings(), true, "Tpo__AzureMl__WorkspaceId" },
        { "azureml", full with { AzureMl = full.AzureMl with { WorkspaceId = "learning" } }, true, "Tpo__AzureMl__WorkspaceId" },
        { "azureml", full with { AzureMl = full.AzureMl with { ComputeId = "" } }, true, "Tpo__AzureMl__ComputeId" },
        { "azureml", full with { AzureMl = full.AzureMl with { EnvironmentId = "" } }, true, "Tpo__AzureMl__EnvironmentId" },
        { "azureml", full, false, "AzureWebJobsStorage__accountName" },
        { "containerapps", new TpoSettings(), true, "Tpo__ContainerApps__JobId" },
        { "containerapps", full, false, "AzureWebJobsStorage__accountName" },
    };

    [Theory]
    [MemberData(nameof(Missing))]
    public void A_backend_that_is_not_configured_names_its_setting(string backend, TpoSettings settings, bool storageByName, string setting)
    {
        var (field, sentence) = Assert.Single(TrainingRules.Check(new TrainingRequest { Backend = backend }, name => BackendSettings.Problem(name, settings, storageByName)));
        Assert.Equal("backend", field);
        Assert.StartsWith($"The backend '{backend}' is not configured. The setting '{setting}' is missing:", sentence);
    }

    [Fact]
    public void With_its_settings_every_backend_may_be_asked_for() =>
        Assert.All(TrainingBackends.All, backend => Assert.Empty(TrainingRules.Check(new TrainingRequest { Backend = backend }, name => BackendSettings.Problem(name, full, true))));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(1e9)]
    public void A_budget_is_a_number_of_hours(double hours) =>
        Assert.Equal("budget", Assert.Single(TrainingRules.Check(new TrainingRequest { Budget = new TrainingBudget(hours) })).Field);

    [Theory]
    [InlineData(1.5, "PT1H30M")]
    [InlineData(72, "P3D")]
    [InlineData(0.0001, "PT1S")]
    public void A_budget_is_the_jobs_timeout_in_whole_seconds(double hours, string timeout) =>
        Assert.Equal(timeout, (string)AzureMlJob.Body(full.AzureMl, "r", 1, new TrainingBudget(hours), [])["properties"]!["limits"]!["timeout"]!);

    [Fact]
    public void Without_a_budget_the_job_has_no_limit_and_without_an_identity_it_has_its_clusters()
    {
        var properties = AzureMlJob.Body(full.AzureMl, "r", 1, null, [])["properties"]!.AsObject();
        Assert.False(properties.ContainsKey("limits"));
        Assert.Equal("""{"identityType":"Managed"}""", properties["identity"]!.ToJsonString());
    }
}
