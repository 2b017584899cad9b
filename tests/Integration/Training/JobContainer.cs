using System.Diagnostics;

namespace Tpo.Tests.Integration.Training;

/// <summary>
/// A container of the training job's image, by buildah without a runtime, a daemon or overlay mounts. The image is built from the working
/// tree by infra/gpu/build.sh, which builds nothing where the sources are the same, and lies below TPO_HOME.
/// </summary>
public sealed class JobContainer : IAsyncDisposable
{
    private static readonly string Home = Environment.GetEnvironmentVariable("TPO_HOME") ?? Path.Combine(Repository.Root, ".tpo");
    private static readonly Lazy<Task<string>> Image = new(BuildAsync);

    private Process? _job;

    private JobContainer(string name) => Name = name;

    public string Name { get; }

    /// <summary>What building the image said.</summary>
    public static Task<string> BuiltAsync() => Image.Value;

    public static async Task<JobContainer> CreateAsync()
    {
        await BuiltAsync();
        return new((await BuildahAsync("from", "localhost/tpo-gpujob")).Trim());
    }

    /// <summary>
    /// Starts the job on one thread. The storage connection travels in the job's environment; this buildah takes a variable's value from its
    /// command line alone, which does for an emulator's key.
    /// </summary>
    public Process StartTraining(string runId, string connection) => _job = Process.Start(Buildah(
        "run", "--env", $"AzureWebJobsStorage={connection}", "--env", "OMP_NUM_THREADS=1", Name, "--", "sh", "/job.sh", "train", "--run-id", runId))!;

    /// <summary>
    /// SIGTERM to the job itself, as docker and podman pass it on. Under chroot isolation buildah does not: told to end, it ends, and the
    /// kernel kills what it started. The job's process is an ordinary one of this machine there, three generations below buildah.
    /// </summary>
    public void Terminate()
    {
        var process = _job!.Id;
        while (File.ReadAllText($"/proc/{process}/comm").Trim() != "dotnet")
            process = Parents().First(entry => entry.Parent == process).Process;
        Process.Start("kill", ["-TERM", $"{process}"]).WaitForExit();
    }

    /// <summary>Runs a shell line in the container; what it printed.</summary>
    public Task<string> ShellAsync(string line) => BuildahAsync("run", Name, "--", "sh", "-c", line);

    public async ValueTask DisposeAsync()
    {
        _job?.Kill(entireProcessTree: true);
        _job?.Dispose();
        await BuildahAsync("rm", Name);
    }

    private static IEnumerable<(int Process, int Parent)> Parents()
    {
        foreach (var folder in Directory.GetDirectories("/proc").Where(path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            string status;
            try
            {
                status = File.ReadAllText(Path.Combine(folder, "stat"));
            }
            catch (IOException)
            {
                continue; // It ended since the folder was listed.
            }
            // The name, in brackets, may hold spaces; then come the state and the parent.
            yield return (int.Parse(Path.GetFileName(folder)), int.Parse(status[(status.LastIndexOf(')') + 2)..].Split(' ')[1]));
        }
    }

    private static async Task<string> BuildAsync()
    {
        foreach (var program in new[] { "buildah", "debootstrap" })
            Assert.True(await IsInstalledAsync(program), $"{program} is missing: ./tpo test slow installs it, or apt-get install {program}.");
        return await ReadAsync(new ProcessStartInfo(Path.Combine(Repository.Root, "infra/gpu/build.sh"), ["--tool", "buildah", "--packages", "offline", "--own-storage"]));
    }

    private static async Task<bool> IsInstalledAsync(string program)
    {
        using var shell = Process.Start("sh", ["-c", $"command -v {program} >/dev/null"]);
        await shell.WaitForExitAsync();
        return shell.ExitCode == 0;
    }

    private static Task<string> BuildahAsync(params string[] arguments) => ReadAsync(Buildah(arguments));

    private static ProcessStartInfo Buildah(params string[] arguments)
    {
        var start = new ProcessStartInfo("buildah", arguments);
        start.Environment["CONTAINERS_STORAGE_CONF"] = Path.Combine(Home, "container", "storage.conf");
        start.Environment["STORAGE_DRIVER"] = "vfs";
        start.Environment["BUILDAH_ISOLATION"] = "chroot";
        return start;
    }

    private static async Task<string> ReadAsync(ProcessStartInfo start)
    {
        (start.RedirectStandardOutput, start.RedirectStandardError) = (true, true);
        using var process = Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"{start.FileName} {string.Join(' ', start.ArgumentList)} ended with {process.ExitCode}:\n{output}{await error}");
        return output;
    }
}
