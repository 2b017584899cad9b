using Tpo.Shared.Models;
using static Tpo.GpuJob.Export.Onnx.TensorProto.Types;

namespace Tpo.GpuJob.Export;

/// <summary>
/// `decoder.onnx`: Qwen2 with a cache. inputs_embeds [T, d] are the T newest tokens; seqlens_k [1] is the number of all
/// tokens so far minus one, total_sequence_length [1] that number. Past and present keys and values are the same buffers [1, kv, capacity, h]:
/// the graph writes rows behind the past, so a host rewinds by stating a shorter length. logits [R, vocabulary] are of the rows asked for.
/// In f32 the tokens may belong to several sequences that share a beginning: position_ids [1, T] and attention_bias [1, 1, T, all] say so.
/// </summary>
public static class DecoderGraph
{
    public static byte[] Build(CheckpointConfig config, CheckpointWeights weights, ServingType type, bool int8 = false)
    {
        var graph = new GraphBuilder("decoder", weights, type, int8);
        int hidden = config.HiddenSize, head = config.HeadSize;
        var x = graph.Input(OnnxGraphs.InputsEmbeds, DataType.Float, "tokens", hidden);
        var rows = graph.Input(OnnxGraphs.LogitRows, DataType.Int64, "rows");
        graph.Input(OnnxGraphs.LastPosition, DataType.Int32, 1);
        graph.Input(OnnxGraphs.TotalLength, DataType.Int32, 1);
        string[] places = [graph.Input(OnnxGraphs.Cosines, DataType.Float, "positions", head / 2), graph.Input(OnnxGraphs.Sines, DataType.Float, "positions", head / 2)];
        // CUDA's attention, which is what other types are for, takes no mask: there the new tokens are one sequence.
        if (graph.Type == DataType.Float)
            places = [.. places, graph.Input(OnnxGraphs.Positions, DataType.Int64, 1, "tokens"), graph.Input(OnnxGraphs.AttentionBias, DataType.Float, 1, 1, "tokens", "total")];

        // Each norm is fused with the addition before it: [normed, sum].
        var sum = x;
        var normed = graph.Node("SimplifiedLayerNormalization", [x, NormWeight(graph, config, "model.layers.0.input_layernorm")],
            ("axis", -1L), ("epsilon", config.RmsNormEpsilon));
        for (var layer = 0; layer < config.Layers; layer++)
        {
            var module = $"model.layers.{layer}";
            (sum, normed) = AddAndNorm(graph, config, sum, Attention(graph, config, layer, normed, places), $"{module}.post_attention_layernorm");
            var inner = Mlp(graph, config, $"{module}.mlp", normed);
            if (layer + 1 < config.Layers)
                (sum, normed) = AddAndNorm(graph, config, sum, inner, $"model.layers.{layer + 1}.input_layernorm");
            else
                sum = graph.Node("Add", [sum, inner]);
        }

        var wanted = graph.Node("Gather", [sum, rows], ("axis", 0L));
        var final = graph.Node("SimplifiedLayerNormalization", [wanted, NormWeight(graph, config, "model.norm")],
            ("axis", -1L), ("epsilon", config.RmsNormEpsilon));
        var vocabulary = config.TieWordEmbeddings ? EmbeddingGraph.Table : "lm_head.weight";
        graph.Output(OnnxGraphs.Logits, graph.Product(final, vocabulary, hidden, config.VocabularySize), DataType.Float, "rows", config.VocabularySize);
        return graph.ToBytes();
    }

    /// <summary>Grouped-query attention with rotary positions and the cache inside one operator: [T, d] → [T, d].</summary>
    private static string Attention(GraphBuilder graph, CheckpointConfig config, int layer, string x, string[] places)
    {
        var module = $"model.layers.{layer}.self_attn";
        int hidden = config.HiddenSize, width = config.Heads * config.HeadSize, kvWidth = config.KeyValueHeads * config.HeadSize;
        object[] cacheShape = [1, config.KeyValueHeads, "capacity", config.HeadSize];
        string[] inputs =
        [
            graph.Reshape(graph.Linear(x, $"{module}.q_proj", hidden, width, bias: true), 1, -1, width),
            graph.Reshape(graph.Linear(x, $"{module}.k_proj", hidden, kvWidth, bias: true), 1, -1, kvWidth),
            graph.Reshape(graph.Linear(x, $"{module}.v_proj", hidden, kvWidth, bias: true), 1, -1, kvWidth),
            graph.Input(OnnxGraphs.PastKey(layer), graph.Type, cacheShape),
            graph.Input(OnnxGraphs.PastValue(layer), graph.Type, cacheShape),
            OnnxGraphs.LastPosition, OnnxGraphs.TotalLength, .. places,
        ];
        var attended = $"attended_{layer}";
        graph.Add("GroupQueryAttention", GraphBuilder.Microsoft, inputs, [attended, OnnxGraphs.PresentKey(layer), OnnxGraphs.PresentValue(layer)],
            [("num_heads", (long)config.Heads), ("kv_num_heads", (long)config.KeyValueHeads), ("do_rotary", 1L), ("rotary_interleaved", 0L)]);
        graph.Output(OnnxGraphs.PresentKey(layer), OnnxGraphs.PresentKey(layer), graph.Type, cacheShape);
        graph.Output(OnnxGraphs.PresentValue(layer), OnnxGraphs.PresentValue(layer), graph.Type, cacheShape);
        return graph.Linear(graph.Reshape(attended, -1, width), $"{module}.o_proj", width, hidden, bias: false);
    }

    /// <summary>down(silu(gate(x)) ∘ up(x)); QuickGelu with α = 1 is silu.</summary>
    private static string Mlp(GraphBuilder graph, CheckpointConfig config, string module, string x)
    {
        var gate = graph.Linear(x, $"{module}.gate_proj", config.HiddenSize, config.IntermediateSize, bias: false);
        var up = graph.Linear(x, $"{module}.up_proj", config.HiddenSize, config.IntermediateSize, bias: false);
        var inner = graph.Node("Mul", [graph.OwnNode("QuickGelu", [gate], ("alpha", 1.0)), up]);
        return graph.Linear(inner, $"{module}.down_proj", config.IntermediateSize, config.HiddenSize, bias: false);
    }

    private static (string Sum, string Normed) AddAndNorm(GraphBuilder graph, CheckpointConfig config, string x, string addend, string module)
    {
        string normed = $"{module}.normed", sum = $"{module}.sum";
        graph.Add("SkipSimplifiedLayerNormalization", GraphBuilder.Microsoft, [x, addend, NormWeight(graph, config, module)],
            [normed, "", "", sum], [("epsilon", config.RmsNormEpsilon)]);
        return (sum, normed);
    }

    private static string NormWeight(GraphBuilder graph, CheckpointConfig config, string module) => graph.Weight($"{module}.weight", config.HiddenSize);
}
