using Tpo.Shared.Costs;
using Tpo.Shared.Models.Remote;
using Tpo.Shared.Training;

namespace Tpo.Shared;

/// <summary>
/// Every setting the code reads, from configuration section `Tpo` (environment: `Tpo__Name`). Defaults suit one small machine with the network off.
/// </summary>
public sealed record TpoSettings
{
    public const string Section = "Tpo";

    /// <summary>Scratch and cache folder of this machine; safe to delete while nothing runs.</summary>
    public string WorkFolder { get; init; } = Path.Combine(Path.GetTempPath(), "tpo");

    /// <summary>Folder with the ffmpeg and ffprobe to run (the sandbox wrappers); empty = those on the PATH.</summary>
    public string FFmpegFolder { get; init; } = "";

    /// <summary>The model that captions, answers and is tuned, by its id in the `models` container.</summary>
    public string BaseModel { get; init; } = "tpo-nano";

    /// <summary>Models behind OpenAI-compatible endpoints (environment: `Tpo__Models__Text__Endpoint`, …); none set = all runs on this machine.</summary>
    public RemoteModels Models { get; init; } = new();

    /// <summary>Frames a whole video is sampled to, in curation, training and evaluation alike.</summary>
    public int FramesPerVideo { get; init; } = 16;

    /// <summary>Frames of a segment's view.</summary>
    public int FramesPerSegment { get; init; } = 4;

    /// <summary>Frames the rejected view of a comprehensive pair keeps.</summary>
    public int SparseFrames { get; init; } = 4;

    /// <summary>A shorter video has no room for a segment and the rest of the video around it.</summary>
    public double MinVideoSeconds { get; init; } = 8;

    /// <summary>At most so many segments of a video are asked about.</summary>
    public int SegmentsPerVideo { get; init; } = 4;

    public int Seed { get; init; } = 7;

    /// <summary>Prices and caps of curation; without them nothing costs anything and nothing stops.</summary>
    public CostSettings Costs { get; init; } = new();

    /// <summary>Command that runs the training job on this machine: program and leading arguments.</summary>
    public string JobCommand { get; init; } = "";

    /// <summary>Vision features that training may keep in the work folder, so that a video is looked at once; those not used for longest go first.</summary>
    public long FeatureCacheMegabytes { get; init; } = 20_000;

    /// <summary>`podman`, `docker` or `buildah`, or a path to one: runs trainings in containers of this machine; empty = the first of them on the PATH.</summary>
    public string ContainerTool { get; init; } = "";

    /// <summary>The training job's image (infra/gpu/Containerfile).</summary>
    public string ContainerImage { get; init; } = "";

    /// <summary>What trainings in Azure need.</summary>
    public AzureMlSettings AzureMl { get; init; } = new();
    public ContainerAppsSettings ContainerApps { get; init; } = new();

    /// <summary>Between two looks at a training in Azure.</summary>
    public double AzureLookSeconds { get; init; } = 15;

    /// <summary>Azure Resource Manager's address; sovereign clouds have their own.</summary>
    public string ResourceManager { get; init; } = "https://management.azure.com";

    /// <summary>Six-field NCRONTAB of the nightly benchmark.</summary>
    public string NightlySchedule { get; init; } = "0 0 2 * * *";

    /// <summary>Suites of the nightly benchmark, separated by commas; the gate decides over all of them together.</summary>
    public string NightlySuite { get; init; } = "demo";
    /// <summary>The suites of <see cref="NightlySuite"/>, each once.</summary>
    public IReadOnlyList<string> NightlySuites => [.. NightlySuite.Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Distinct()];
    /// <summary>The suite that a training's benchmark is made on: the first of them.</summary>
    public string TunedSuite => NightlySuites.FirstOrDefault() ?? "";

    /// <summary>What the night compares: `latest` = the promoted model (the base model, before any), `newest` = the newest registered one.</summary>
    public string NightlyBaseline { get; init; } = "latest";
    public string NightlyCandidate { get; init; } = "newest";

    /// <summary>The night asks the models without the videos too.</summary>
    public bool NightlyTextOnly { get; init; }

    /// <summary>A candidate passes the gate where the paired difference's lower bound lies above minus this share (`Tpo__GateMargin`).</summary>
    public double GateMargin { get; init; } = 0.02;
}
