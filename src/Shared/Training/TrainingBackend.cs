namespace Tpo.Shared.Training;

/// <summary>Where a run's job can be, by the name that a request gives (`backend`).</summary>
public static class TrainingBackends
{
    /// <summary>A child process of the app's machine.</summary>
    public const string Process = "process";
    /// <summary>A container on the app's machine.</summary>
    public const string Container = "container";
    /// <summary>A command job of an Azure Machine Learning workspace.</summary>
    public const string AzureMl = "azureml";
    /// <summary>An execution of an Azure Container Apps job.</summary>
    public const string ContainerApps = "containerapps";

    public static IReadOnlyList<string> All { get; } = [Process, Container, AzureMl, ContainerApps];
}

/// <summary>What may be spent on one job.</summary>
/// <param name="MaxHours">greatest hours since its first beat; a job that goes on longer is asked to end after its step</param>
public sealed record TrainingBudget(double MaxHours);

public enum PlatformState
{
    /// <summary>Nothing of this run is there: never started, deleted, or killed with its machine.</summary>
    Absent,
    Queued,
    Starting,
    Running,
    /// <summary>It will do nothing more, and the platform does not start it again.</summary>
    Ended,
    /// <summary>The platform could not be asked now, or knows no better itself.</summary>
    Unknown,
}

/// <summary>What the platform says of a job.</summary>
/// <param name="Word">in the platform's own word, such as `Provisioning`</param>
/// <param name="Sentence">why it ended or what could not be asked</param>
public sealed record PlatformJob(PlatformState State, string? Word = null, string? Sentence = null);

/// <summary>A run's job on its platform. Blob: `training/{runId}/backend.json`.</summary>
/// <param name="Start">how often a job was started for the run</param>
/// <param name="Name">the platform's name of the newest one; empty = not known yet</param>
public sealed record BackendJob(string Backend, int Start, string Name)
{
    public PlatformState State { get; init; }
    public string? Word { get; init; }
    public string? Sentence { get; init; }
    /// <summary>Where a person sees the job.</summary>
    public string? Link { get; init; }
}
