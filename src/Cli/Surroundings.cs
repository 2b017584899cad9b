using Tpo.Shared;
using Tpo.Shared.Storage;

namespace Tpo.Cli;

/// <summary>Where this tool finds the house: the launcher exports it, and so can anyone else.</summary>
internal static class Surroundings
{
    public static string Root => Required("TPO_ROOT", "the repository's folder");

    /// <summary>State of this machine: emulator, logs, demo videos.</summary>
    public static string Home => Required("TPO_HOME", "the folder for local state");

    public static Uri Url => new(Environment.GetEnvironmentVariable("TPO_URL") ?? "http://127.0.0.1:7071");

    public static string? Key => Environment.GetEnvironmentVariable("TPO_KEY");

    public static string JobCommand => Required("Tpo__JobCommand", "the command that runs the training job");

    /// <summary>The product's ffmpeg (the launcher names the sandbox), with scratch files among this machine's state.</summary>
    public static TpoSettings MediaSettings => new() { WorkFolder = Path.Combine(Home, "work"), FFmpegFolder = Environment.GetEnvironmentVariable("Tpo__FFmpegFolder") ?? "" };

    public static TpoStorage Storage() => TpoStorage.FromConnectionString(Required("AzureWebJobsStorage", "a storage connection string"));

    private static string Required(string name, string what) =>
        Environment.GetEnvironmentVariable(name) ?? throw new CliFailure($"The environment variable {name} ({what}) is not set; run this through ./tpo.");
}
