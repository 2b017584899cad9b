using Tpo.Shared.Models;
using static Tpo.GpuJob.Export.Onnx.TensorProto.Types;

namespace Tpo.GpuJob.Export;

/// <summary>`embed.onnx`: input_ids [T] → inputs_embeds [T, d].</summary>
public static class EmbeddingGraph
{
    public const string Table = "model.embed_tokens.weight";

    public static byte[] Build(CheckpointConfig config, CheckpointWeights weights, ServingType type)
    {
        var graph = new GraphBuilder("embed", weights, type);
        var ids = graph.Input(OnnxGraphs.InputIds, DataType.Int64, "tokens");
        var table = graph.Weight(Table, config.VocabularySize, config.HiddenSize);
        graph.Output(OnnxGraphs.InputsEmbeds, graph.Node("Gather", [table, ids], ("axis", 0L)), DataType.Float, "tokens", config.HiddenSize);
        return graph.ToBytes();
    }
}
