using Spectre.Console;
using Tpo.Shared.Storage;

namespace Tpo.Cli.Demo;

/// <summary>What the demo makes for itself with ffmpeg: videos to curate, and a small suite in LongVideoBench's file format. Made once, kept.</summary>
internal static class DemoMaterial
{
    public const string Suite = "demo";
    private const int Videos = 8;
    private const int SuiteVideos = 24;

    /// <summary>The folder of the videos to curate.</summary>
    public static Task<string> VideosAsync(CancellationToken cancellation) =>
        MadeAsync("videos", ["synth", "--kind", "curation", "--count", $"{Videos}", "--seed", "11"], cancellation);

    /// <summary>Uploads the suite to `benchmarks/demo`; the annotation file goes last, so that a suite that is there is whole.</summary>
    public static async Task SuiteAsync(CancellationToken cancellation)
    {
        var storage = Surroundings.Storage();
        if (await storage.ExistsAsync(Containers.Benchmarks, $"{Suite}/lvb_val.json", cancellation))
            return;
        var folder = await MadeAsync("suite", ["synth", "--kind", "benchmark", "--count", $"{SuiteVideos}", "--seed", "12"], cancellation);
        foreach (var file in Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories).OrderBy(path => Path.GetFileName(path) == "lvb_val.json"))
            await storage.UploadFileAsync(Containers.Benchmarks, $"{Suite}/{Path.GetRelativePath(folder, file)}", file, cancellation);
    }

    private static async Task<string> MadeAsync(string name, IReadOnlyList<string> arguments, CancellationToken cancellation)
    {
        var folder = Path.Combine(Surroundings.Home, "demo", name);
        if (Directory.Exists(folder))
            return folder;
        // Under a temporary name first: a stopped rendering must not pass for a whole one.
        var partial = folder + ".partial";
        if (Directory.Exists(partial))
            Directory.Delete(partial, recursive: true);
        await AnsiConsole.Status().StartAsync($"rendering the demo's {name}", _ => Job.RunAsync([.. arguments, "--out", partial], cancellation));
        Directory.Move(partial, folder);
        return folder;
    }
}
