using System.Diagnostics;
using Tpo.Shared;
using Tpo.Shared.Training;

namespace Tpo.Functions.Training.Backends;

/// <summary>The program that runs containers here.</summary>
internal static class ContainerTool
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>The setting's tool, or the first on the PATH; null = there is none.</summary>
    public static string? Find(TpoSettings settings) =>
        settings.ContainerTool.Length > 0 ? PathOf(settings.ContainerTool) : ContainerCommand.Tools.Select(PathOf).FirstOrDefault(path => path is not null);

    public static string? Problem(TpoSettings settings) => Find(settings) is { } tool
        ? ContainerCommand.Tools.Contains(Path.GetFileName(tool)) ? null : $"The setting 'Tpo__ContainerTool' names '{tool}': give {string.Join(", ", ContainerCommand.Tools)} or a path to one."
        : settings.ContainerTool.Length > 0
            ? $"The setting 'Tpo__ContainerTool' names '{settings.ContainerTool}', which is not there."
            : $"None of {string.Join(", ", ContainerCommand.Tools)} is on the PATH: install one, or name it by the setting 'Tpo__ContainerTool'.";

    /// <summary>What a short call prints; null where it fails or hangs.</summary>
    public static async Task<string?> AskAsync(string tool, IEnumerable<string> arguments, CancellationToken cancellation)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(Patience);
        using var process = Process.Start(new ProcessStartInfo(tool, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        try
        {
            var errors = process.StandardError.ReadToEndAsync(patience.Token);
            var output = await process.StandardOutput.ReadToEndAsync(patience.Token);
            await errors;
            await process.WaitForExitAsync(patience.Token);
            return process.ExitCode == 0 ? output : null;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            process.Kill(entireProcessTree: true);
            return null;
        }
    }

    private static string? PathOf(string tool) => tool.Contains('/')
        ? File.Exists(tool) ? tool : null
        : (Environment.GetEnvironmentVariable("PATH") ?? "").Split(':').Where(folder => folder.Length > 0).Select(folder => Path.Combine(folder, tool)).FirstOrDefault(File.Exists);
}
