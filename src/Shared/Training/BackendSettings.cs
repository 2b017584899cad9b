namespace Tpo.Shared.Training;

/// <summary>Trainings as command jobs of an Azure Machine Learning workspace (environment: `Tpo__AzureMl__WorkspaceId`, …).</summary>
public sealed record AzureMlSettings
{
    /// <summary>`/subscriptions/…/providers/Microsoft.MachineLearningServices/workspaces/NAME`.</summary>
    public string WorkspaceId { get; init; } = "";
    /// <summary>Resource id of the GPU cluster; its name alone means one of the workspace.</summary>
    public string ComputeId { get; init; } = "";
    /// <summary>Resource id of the environment's version, whose image is the training job's.</summary>
    public string EnvironmentId { get; init; } = "";
    /// <summary>Client id of the identity with which the job reaches storage; empty = the cluster's own.</summary>
    public string IdentityClientId { get; init; } = "";
    /// <summary>Name of the datastore of the `training` container: the studio then shows the run's folder beside its job. Empty = it does not.</summary>
    public string Datastore { get; init; } = "";
    public string Experiment { get; init; } = "tpo";
}

/// <summary>Trainings as executions of an Azure Container Apps job with a GPU workload profile (environment: `Tpo__ContainerApps__JobId`, …).</summary>
public sealed record ContainerAppsSettings
{
    /// <summary>`/subscriptions/…/providers/Microsoft.App/jobs/NAME`.</summary>
    public string JobId { get; init; } = "";
    /// <summary>Client id of the identity with which the job reaches storage; empty = the job's own.</summary>
    public string IdentityClientId { get; init; } = "";
}

/// <summary>What a backend cannot do without. Pure.</summary>
public static class BackendSettings
{
    private const string Workspaces = "/providers/Microsoft.MachineLearningServices/workspaces/", Jobs = "/providers/Microsoft.App/jobs/";

    /// <param name="storageByName">the app reaches storage by `AzureWebJobsStorage__accountName`, so a job elsewhere can do so as well</param>
    /// <returns>a sentence that names the setting that is missing or wrong; null = the backend can be used</returns>
    public static string? Problem(string backend, TpoSettings settings, bool storageByName) => backend switch
    {
        TrainingBackends.Container when settings.ContainerImage.Length == 0 => Missing("Tpo__ContainerImage", "the training job's image (infra/gpu/Containerfile)"),
        TrainingBackends.AzureMl when !settings.AzureMl.WorkspaceId.Contains(Workspaces, StringComparison.OrdinalIgnoreCase) =>
            Missing("Tpo__AzureMl__WorkspaceId", $"the workspace's resource id, /subscriptions/…{Workspaces}NAME"),
        TrainingBackends.AzureMl when settings.AzureMl.ComputeId.Length == 0 => Missing("Tpo__AzureMl__ComputeId", "the GPU cluster's name or resource id"),
        TrainingBackends.AzureMl when settings.AzureMl.EnvironmentId.Length == 0 => Missing("Tpo__AzureMl__EnvironmentId", "resource id of the environment's version"),
        TrainingBackends.ContainerApps when !settings.ContainerApps.JobId.Contains(Jobs, StringComparison.OrdinalIgnoreCase) =>
            Missing("Tpo__ContainerApps__JobId", $"the job's resource id, /subscriptions/…{Jobs}NAME"),
        TrainingBackends.AzureMl or TrainingBackends.ContainerApps when !storageByName =>
            Missing("AzureWebJobsStorage__accountName", "the storage account's name: a job in Azure signs in with its identity, a connection string would lie open in its definition"),
        _ => null,
    };

    private static string Missing(string setting, string what) => $"The setting '{setting}' is missing: {what}.";
}
