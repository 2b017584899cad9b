using Microsoft.ML.OnnxRuntime;
using Tpo.Shared.Models;

namespace Tpo.GpuJob.Export;

/// <summary>Opens graphs in ONNX Runtime as a server will, as far as this machine can.</summary>
public static class GraphCheck
{
    /// <returns>why the graphs could not be opened here although nothing is wrong with them; null where they were opened</returns>
    /// <exception cref="InvalidDataException">ONNX Runtime refuses a graph</exception>
    public static string? Open(string modelFolder, string weightFolder, IReadOnlyDictionary<string, byte[]> graphs, ServingType type)
    {
        var missing = "";
        // Without repacking, which a server does for speed, opening reads next to nothing of the weights.
        var quick = new ServingOptions { LowMemory = true };
        foreach (var (name, graph) in graphs)
        {
            try
            {
                OnnxGraphs.Open(weightFolder, graph, quick, cuda: type != ServingType.F32 && OnnxGraphs.HasCuda).Dispose();
            }
            // The graph is sound in itself: types and shapes are inferred before kernels are looked for.
            catch (OnnxRuntimeException e) when (type != ServingType.F32 && !OnnxGraphs.HasCuda && IsLackOfKernels(e))
            {
                missing = e.Message;
            }
            catch (OnnxRuntimeException e)
            {
                throw new InvalidDataException($"ONNX Runtime refuses {name} of '{modelFolder}': {e.Message}", e);
            }
        }
        return missing.Length == 0 ? null
            : $"ONNX Runtime has no CUDA provider here, and its CPU provider lacks kernels for {type} ({missing}). Types and shapes of the graphs were checked.";
    }

    private static bool IsLackOfKernels(OnnxRuntimeException e) => e.Message.Contains("NotImplemented", StringComparison.Ordinal);
}
