namespace Tpo.Shared.Training;

/// <summary>What runs one training in a container of this machine, as argument lists without the tool itself. Pure.</summary>
/// <param name="Before">removes what a machine that died left under the container's name; may fail</param>
/// <param name="Prepare">makes the container; null = running it does</param>
/// <param name="Run">runs the job to its end</param>
/// <param name="After">removes the container; null = it goes by itself; may fail</param>
public sealed record ContainerCommand(
    IReadOnlyList<string> Before, IReadOnlyList<string>? Prepare, IReadOnlyList<string> Run, IReadOnlyList<string>? After)
{
    /// <summary>Variables whose values <see cref="Run"/> reads from its standard input, one a line.</summary>
    public IReadOnlyList<string> Input { get; init; } = [];

    public const string Podman = "podman", Docker = "docker", Buildah = "buildah";

    /// <summary>Tools in the order in which they are looked for.</summary>
    public static IReadOnlyList<string> Tools { get; } = [Podman, Docker, Buildah];

    /// <summary>From here on the tool itself failed, not the job (podman-run(1): no image, a program that cannot be run or found).</summary>
    public const int LeastToolFailure = 125, GreatestToolFailure = 127;

    /// <summary>The image's entrypoint, which `buildah run` does not know of.</summary>
    private static readonly string[] entrypoint = ["sh", "/job.sh"];

    public static string NameOf(string runId) => $"tpo-{runId}";

    /// <param name="tool">a name or a path; its last part decides how it is spoken to</param>
    /// <param name="variables">
    /// names alone: podman and docker take their values, the storage's secret among them, from their own environment. `buildah run -e NAME` does not
    /// (1.28), so there the job's shell reads them.
    /// </param>
    /// <param name="gpu">an NVIDIA device is there; buildah cannot hand it on</param>
    /// <exception cref="NotSupportedException">the tool is none of <see cref="Tools"/></exception>
    public static ContainerCommand For(string tool, string image, string runId, IEnumerable<string> variables, bool gpu)
    {
        var name = NameOf(runId);
        string[] names = [.. variables], named = [.. names.SelectMany(variable => new[] { "-e", variable })], job = ["train", "--run-id", runId];
        return KindOf(tool) switch
        {
            Podman => new(["rm", "-f", name], null, ["run", "--rm", "--name", name, "--network", "host", .. gpu ? ["--device", "nvidia.com/gpu=all"] : none, .. named, image, .. job], null),
            Docker => new(["rm", "-f", name], null, ["run", "--rm", "--name", name, "--network", "host", .. gpu ? ["--gpus", "all"] : none, .. named, image, .. job], null),
            Buildah => new(
                [.. Plain, "rm", name], [.. Plain, "from", "--name", name, image],
                [.. Plain, "run", "--isolation", "chroot", "--network", "host", name, "--", "sh", "-c", Reading(names), "sh", .. entrypoint, .. job], [.. Plain, "rm", name]) { Input = names },
            var other => throw new NotSupportedException($"The setting 'Tpo__ContainerTool' names '{other}', and only {string.Join(", ", Tools)} are spoken to."),
        };
    }

    /// <summary>Lists the running container of that name; buildah, which runs none of its own, has no such list.</summary>
    public static IReadOnlyList<string>? ListRunning(string tool, string runId) =>
        KindOf(tool) == Buildah ? null : ["ps", "--filter", $"name=^{NameOf(runId)}$", "--format", "{{.Names}}"];

    /// <summary>Asks the job to save a checkpoint and end; null = its process is told directly.</summary>
    public static IReadOnlyList<string>? Stop(string tool, string runId) => KindOf(tool) == Buildah ? null : ["stop", "--time", "60", NameOf(runId)];

    private static readonly string[] none = [];

    /// <summary>Works without privileges on any file system.</summary>
    private static string[] Plain => ["--storage-driver", "vfs"];

    private static string Reading(IEnumerable<string> names) => string.Concat(names.Select(name => $"IFS= read -r {name}; export {name}; ")) + "exec \"$@\"";

    private static string KindOf(string tool) => Path.GetFileName(tool);
}
