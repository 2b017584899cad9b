using Microsoft.ML.OnnxRuntime;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>What an export wrote.</summary>
public sealed record ExportReport(string Folder, IReadOnlyDictionary<string, long> GraphBytes, double Seconds);

/// <summary>
/// Writes a checkpoint's serving graphs into `onnx/`. The weights stay in the checkpoint's safetensors files, at their offsets there,
/// so an export writes kilobytes. Every graph is opened in ONNX Runtime before it is put in place.
/// </summary>
public static class OnnxExporter
{
    /// <exception cref="InvalidDataException">the checkpoint lacks something, or ONNX Runtime refuses a graph; the message says why</exception>
    public static ExportReport Export(string modelFolder)
    {
        var started = DateTime.UtcNow;
        var config = CheckpointConfig.Load(modelFolder);
        if (config.HeadSize % 16 != 0)
            throw new InvalidDataException($"The decoder's heads of '{modelFolder}' have {config.HeadSize} numbers (hidden_size / num_attention_heads); ONNX Runtime's attention takes multiples of 16.");
        var weights = CheckpointWeights.Open(modelFolder);
        var graphs = new Dictionary<string, byte[]>
        {
            [OnnxGraphs.Vision] = VisionGraph.Build(config, weights),
            [OnnxGraphs.Embed] = EmbeddingGraph.Build(config, weights),
            [OnnxGraphs.Decoder] = DecoderGraph.Build(config, weights),
        };
        foreach (var (name, bytes) in graphs)
            Try(modelFolder, name, bytes);

        var folder = Path.Combine(modelFolder, OnnxGraphs.Folder);
        Directory.CreateDirectory(folder);
        foreach (var (name, bytes) in graphs)
        {
            var partial = Path.Combine(folder, $".{name}.partial");
            File.WriteAllBytes(partial, bytes);
            File.Move(partial, Path.Combine(folder, name), overwrite: true);
        }
        return new ExportReport(folder, graphs.ToDictionary(graph => graph.Key, graph => (long)graph.Value.Length), (DateTime.UtcNow - started).TotalSeconds);
    }

    private static void Try(string modelFolder, string name, byte[] graph)
    {
        try
        {
            OnnxGraphs.Open(modelFolder, graph, threads: 1).Dispose();
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"ONNX Runtime refuses {name} of '{modelFolder}': {e.Message}", e);
        }
    }
}
