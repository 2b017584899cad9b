using Tpo.Shared.Models;
using static Tpo.GpuJob.Export.Onnx.TensorProto.Types;

namespace Tpo.GpuJob.Export;

/// <summary>
/// `vision.onnx`: pixel_values [F, 3, S, S] → video_tokens [F, n, d]: tower, projector, 2×2 pooling, and the newline tokens that belong to a
/// row or a frame. Where one newline ends the whole video, it is a second output, end_of_video [1, d].
/// </summary>
public static class VisionGraph
{
    private const string Tower = "model.vision_tower.vision_tower.vision_model";

    public static byte[] Build(CheckpointConfig config, CheckpointWeights weights, ServingType type)
    {
        var graph = new GraphBuilder("vision", weights, type);
        var size = config.Vision.ImageSize;
        var pixels = graph.Input(OnnxGraphs.PixelValues, DataType.Float, "frames", 3, size, size);
        var features = Encode(graph, config.Vision, pixels);
        var projected = Project(graph, config, features);
        Join(graph, config, Pool(graph, config, projected));
        return graph.ToBytes();
    }

    /// <summary>Pixels → patch features [F·g², H] of the last layer that is used.</summary>
    private static string Encode(GraphBuilder graph, VisionConfig vision, string pixels)
    {
        var clip = vision.ModelType.StartsWith("clip", StringComparison.Ordinal);
        if (!clip && !vision.ModelType.StartsWith("siglip", StringComparison.Ordinal))
            throw new InvalidDataException($"vision_config.model_type '{vision.ModelType}' is neither SigLIP nor CLIP.");
        int hidden = vision.HiddenSize, patch = vision.PatchSize, patches = (vision.ImageSize / patch) * (vision.ImageSize / patch);
        var positions = clip ? patches + 1 : patches;

        var convolution = graph.Weight($"{Tower}.embeddings.patch_embedding.weight", hidden, 3, patch, patch);
        string[] inputs = clip ? [pixels, convolution] : [pixels, convolution, graph.Weight($"{Tower}.embeddings.patch_embedding.bias", hidden)];
        var grid = graph.PictureNode("Conv", "", inputs, [], ("strides", new long[] { patch, patch }));
        var x = graph.Node("Transpose", [graph.Reshape(grid, 0, hidden, patches)], ("perm", new long[] { 0, 2, 1 }));
        if (clip)
        {
            var frames = graph.Node("Shape", [pixels], ("start", 0L), ("end", 1L));
            var shape = graph.Node("Concat", [frames, graph.Integers(1, hidden)], ("axis", 0L));
            x = graph.Node("Concat", [graph.Node("Expand", [graph.Weight($"{Tower}.embeddings.class_embedding", hidden), shape]), x], ("axis", 1L));
        }
        x = graph.Node("Add", [x, graph.Weight($"{Tower}.embeddings.position_embedding.weight", positions, hidden)]);
        x = graph.Reshape(x, -1, hidden);
        if (clip)
            x = Norm(graph, vision, $"{Tower}.pre_layrnorm", x);

        // LLaVA takes CLIP's features before its last layer; of SigLIP it keeps only the layers it uses.
        for (var layer = 0; layer < (clip ? vision.Layers - 1 : vision.Layers); layer++)
            x = Layer(graph, vision, $"{Tower}.encoder.layers.{layer}", x, positions, clip);
        if (clip)
        {
            x = graph.Node("Slice", [graph.Reshape(x, -1, positions, hidden), graph.Integers(1), graph.Integers(positions), graph.Integers(1)]);
            x = graph.Reshape(x, -1, hidden);
        }
        return x;
    }

    private static string Layer(GraphBuilder graph, VisionConfig vision, string module, string x, int positions, bool clip)
    {
        var hidden = vision.HiddenSize;
        var normed = Norm(graph, vision, $"{module}.layer_norm1", x);
        string[] heads = [.. new[] { "q_proj", "k_proj", "v_proj" }.Select(part =>
            graph.Reshape(graph.Linear(normed, $"{module}.self_attn.{part}", hidden, hidden, bias: true), -1, positions, hidden))];
        var attended = graph.PictureNode("MultiHeadAttention", GraphBuilder.Microsoft, heads, [], ("num_heads", (long)vision.Heads));
        x = graph.Node("Add", [x, graph.Linear(graph.Reshape(attended, -1, hidden), $"{module}.self_attn.out_proj", hidden, hidden, bias: true)]);

        var inner = graph.Linear(Norm(graph, vision, $"{module}.layer_norm2", x), $"{module}.mlp.fc1", hidden, vision.IntermediateSize, bias: true);
        inner = clip ? graph.OwnNode("QuickGelu", [inner], ("alpha", 1.702)) : graph.Node("Gelu", [inner], ("approximate", "tanh"));
        return graph.Node("Add", [x, graph.Linear(inner, $"{module}.mlp.fc2", vision.IntermediateSize, hidden, bias: true)]);
    }

    private static string Norm(GraphBuilder graph, VisionConfig vision, string module, string x) => graph.Node("LayerNormalization",
        [x, graph.Weight($"{module}.weight", vision.HiddenSize), graph.Weight($"{module}.bias", vision.HiddenSize)],
        ("axis", -1L), ("epsilon", vision.LayerNormEpsilon));

    /// <summary>`mlp2x_gelu`: [F·g², H] → [F·g², d].</summary>
    private static string Project(GraphBuilder graph, CheckpointConfig config, string x)
    {
        if (config.ProjectorType != "mlp2x_gelu")
            throw new InvalidDataException($"mm_projector_type '{config.ProjectorType}' is not supported; 'mlp2x_gelu' is.");
        x = graph.Node("Gelu", [graph.Linear(x, "model.mm_projector.0", config.Vision.HiddenSize, config.HiddenSize, bias: true)]);
        return graph.Linear(x, "model.mm_projector.2", config.HiddenSize, config.HiddenSize, bias: true);
    }

    /// <summary>2×2 pooling: [F·g², d] → [F, d, p, p].</summary>
    private static string Pool(GraphBuilder graph, CheckpointConfig config, string x)
    {
        long side = config.PatchesPerSide, pooled = config.PooledPerSide;
        var grid = graph.Node("Transpose", [graph.Reshape(x, -1, side, side, config.HiddenSize)], ("perm", new long[] { 0, 3, 1, 2 }));
        return config.PoolMode switch
        {
            "average" => graph.PictureNode("AveragePool", "", [grid], [], ("kernel_shape", new long[] { 2, 2 }), ("strides", new long[] { 2, 2 })),
            "bilinear" => graph.PictureNode("Resize", "", [grid], ["", "", Sizes()], ("mode", "linear"), ("coordinate_transformation_mode", "half_pixel")),
            _ => throw new InvalidDataException($"mm_spatial_pool_mode '{config.PoolMode}' is not supported; 'bilinear' and 'average' are."),
        };

        string Sizes()
        {
            var framesAndChannels = graph.Node("Shape", [grid], ("start", 0L), ("end", 2L));
            return graph.Node("Concat", [framesAndChannels, graph.Integers(pooled, pooled)], ("axis", 0L));
        }
    }

    /// <summary>[F, d, p, p] → video_tokens with newlines as `mm_newline_position` says (they exist only where the merge type is spatial).</summary>
    private static void Join(GraphBuilder graph, CheckpointConfig config, string grid)
    {
        long hidden = config.HiddenSize, side = config.PooledPerSide;
        var mode = config.Newlines;
        if (mode is not ("grid" or "frame" or "one_token" or "no_token"))
            throw new InvalidDataException($"mm_newline_position '{mode}' is not supported; grid, frame, one_token and no_token are.");

        var tokens = graph.Node("Transpose", [grid], ("perm", new long[] { 0, 2, 3, 1 }));
        var perFrame = side * side;
        if (mode is "grid" or "frame")
        {
            var rows = mode == "grid" ? side : 1;
            var shape = graph.Node("Concat", [graph.Node("Shape", [tokens], ("start", 0L), ("end", 1L)), graph.Integers(rows, 1, hidden)], ("axis", 0L));
            var newlines = graph.Node("Expand", [graph.Weight("model.image_newline", hidden), shape]);
            tokens = graph.Node("Concat", [graph.Reshape(tokens, -1, rows, perFrame / rows, hidden), newlines], ("axis", 2L));
            perFrame += rows;
        }
        graph.Output(OnnxGraphs.VideoTokens, graph.Reshape(tokens, -1, perFrame, hidden), DataType.Float, "frames", perFrame, hidden);
        if (mode == "one_token" && config.HasNewline)
        {
            var newline = graph.Reshape(graph.Weight("model.image_newline", hidden), 1, hidden);
            graph.Output(OnnxGraphs.EndOfVideo, newline, DataType.Float, 1, hidden);
        }
    }
}
