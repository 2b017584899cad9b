using Microsoft.ML.OnnxRuntime;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>What is to be exported where.</summary>
public sealed record ExportOptions
{
    /// <summary>Folder for the graphs; the model folder's onnx/ if null.</summary>
    public string? Out { get; init; }
    /// <summary>The config to build from; the folder's config.json if null.</summary>
    public CheckpointConfig? Config { get; init; }
}

/// <summary>What an export wrote.</summary>
public sealed record ExportReport(string Folder, IReadOnlyDictionary<string, long> GraphBytes, double Seconds);

/// <summary>
/// Writes a checkpoint's serving graphs into `onnx/`. The weights stay in the checkpoint's safetensors files, at their offsets there,
/// so an export writes kilobytes. Every graph is opened in ONNX Runtime before it is put in place.
/// </summary>
public static class OnnxExporter
{
    /// <exception cref="InvalidDataException">the checkpoint lacks something, or ONNX Runtime refuses a graph; the message says why</exception>
    public static ExportReport Export(string modelFolder, ExportOptions? options = null)
    {
        var started = DateTime.UtcNow;
        var config = options?.Config ?? CheckpointConfig.Load(modelFolder);
        if (config.HeadSize % 16 != 0)
            throw new InvalidDataException($"The decoder's heads of '{modelFolder}' have {config.HeadSize} numbers (hidden_size / num_attention_heads); ONNX Runtime's attention takes multiples of 16.");
        var place = WeightPlace.Find(modelFolder);
        var weights = CheckpointWeights.Open(modelFolder, place);
        var graphs = new Dictionary<string, byte[]>
        {
            [OnnxGraphs.Vision] = VisionGraph.Build(config, weights),
            [OnnxGraphs.Embed] = EmbeddingGraph.Build(config, weights),
            [OnnxGraphs.Decoder] = DecoderGraph.Build(config, weights),
        };
        foreach (var (name, bytes) in graphs)
            Try(modelFolder, place.Folder, name, bytes);

        var folder = options?.Out ?? Path.Combine(modelFolder, OnnxGraphs.Folder);
        var revision = WeightFiles.Revision(modelFolder);
        Place(folder, graphs, new ServingManifest
        {
            Format = ServingManifest.CurrentFormat,
            Dtype = ServingType.F32,
            Config = ServingManifest.Identity(config),
            Checkpoint = revision,
            Revision = revision,
            Files = place.Describe(),
        });
        return new ExportReport(folder, graphs.ToDictionary(graph => graph.Key, graph => (long)graph.Value.Length), (DateTime.UtcNow - started).TotalSeconds);
    }

    /// <summary>The manifest goes last and is the first to go: graphs without one are not opened.</summary>
    private static void Place(string folder, Dictionary<string, byte[]> graphs, ServingManifest manifest)
    {
        Directory.CreateDirectory(folder);
        File.Delete(Path.Combine(folder, ServingManifest.FileName));
        foreach (var (name, bytes) in graphs)
        {
            var partial = Path.Combine(folder, $".{name}.partial");
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, Path.Combine(folder, name), overwrite: true);
        }
        manifest.Write(folder);
    }

    private static void Try(string modelFolder, string weightFolder, string name, byte[] graph)
    {
        try
        {
            OnnxGraphs.Open(weightFolder, graph, new ServingOptions()).Dispose();
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"ONNX Runtime refuses {name} of '{modelFolder}': {e.Message}", e);
        }
    }
}
