using System.Diagnostics;
using Tpo.Shared.Models;

namespace Tpo.Cli.Benches.Serving;

/// <summary>A model that lies exported in the work folder, and what the export took.</summary>
internal sealed record ServedModel(string Name, string Folder, double ExportSeconds, long ExportBytes)
{
    public const string Nano = "tpo-nano", Large = "bench-100m", Small = "bench-100m-small";

    public CheckpointConfig Config { get; } = CheckpointConfig.Load(Folder);

    /// <summary>The shipped model, or 100 million random weights; those are made once and kept.</summary>
    public static async Task<ServedModel> PrepareAsync(string name, CancellationToken cancellation)
    {
        var folder = Path.Combine(Surroundings.Home, "work", "bench", name);
        if (name == Nano)
            await ShippedModel.ExportedCopyAsync("bench", cancellation);
        else
            await Job.RunAsync(["bench-model", folder, "--tokenizer", ShippedModel.Folder, .. name == Small ? new[] { "--small" } : []], cancellation);

        var graphs = Path.Combine(folder, OnnxGraphs.Folder);
        if (Directory.Exists(graphs))
            Directory.Delete(graphs, recursive: true);
        var clock = Stopwatch.StartNew();
        await Job.RunAsync(["export", "--model", folder], cancellation);
        var model = new ServedModel(name, folder, clock.Elapsed.TotalSeconds, Directory.EnumerateFiles(graphs).Sum(file => new FileInfo(file).Length));
        ServingBench.Row($"{name}, export in a process of its own: time, bytes beside the weights", $"{model.ExportSeconds:F1} s, {model.ExportBytes}");
        return model;
    }
}
