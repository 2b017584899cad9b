using Tpo.Shared.Models;

namespace Tpo.GpuJob.Model;

/// <summary>
/// Every tensor of a checkpoint by arithmetic from its config: a file is judged before a byte is allocated for the model, and a checkpoint
/// of 16 GB can be described on any machine.
/// </summary>
public static class TensorShapes
{
    private const string Tower = "model.vision_tower.vision_tower.vision_model";

    /// <summary>Name → sizes, row-major, in ordinal order of the names.</summary>
    public static IReadOnlyDictionary<string, long[]> Of(CheckpointConfig config)
    {
        var shapes = new SortedDictionary<string, long[]>(StringComparer.Ordinal)
        {
            ["model.embed_tokens.weight"] = [config.VocabularySize, config.HiddenSize],
            ["model.norm.weight"] = [config.HiddenSize],
        };
        if (!config.TieWordEmbeddings)
            shapes["lm_head.weight"] = [config.VocabularySize, config.HiddenSize];
        if (config.HasNewline)
            shapes["model.image_newline"] = [config.HiddenSize];
        Both(shapes, "model.mm_projector.0", config.HiddenSize, config.Vision.HiddenSize);
        Both(shapes, "model.mm_projector.2", config.HiddenSize, config.HiddenSize);
        for (var layer = 0; layer < config.Layers; layer++)
            AddDecoderLayer(shapes, config, $"model.layers.{layer}");
        AddTower(shapes, config.Vision);
        return shapes;
    }

    private static void AddDecoderLayer(SortedDictionary<string, long[]> shapes, CheckpointConfig config, string layer)
    {
        (long hidden, long inner) = (config.HiddenSize, config.IntermediateSize);
        long queries = config.Heads * config.HeadSize, keys = config.KeyValueHeads * config.HeadSize;
        shapes[$"{layer}.input_layernorm.weight"] = [hidden];
        shapes[$"{layer}.post_attention_layernorm.weight"] = [hidden];
        Both(shapes, $"{layer}.self_attn.q_proj", queries, hidden);
        Both(shapes, $"{layer}.self_attn.k_proj", keys, hidden);
        Both(shapes, $"{layer}.self_attn.v_proj", keys, hidden);
        shapes[$"{layer}.self_attn.o_proj.weight"] = [hidden, queries];
        shapes[$"{layer}.mlp.gate_proj.weight"] = [inner, hidden];
        shapes[$"{layer}.mlp.up_proj.weight"] = [inner, hidden];
        shapes[$"{layer}.mlp.down_proj.weight"] = [hidden, inner];
    }

    private static void AddTower(SortedDictionary<string, long[]> shapes, VisionConfig vision)
    {
        bool clip = vision.ModelType == VisionConfig.Clip;
        long hidden = vision.HiddenSize;
        shapes[$"{Tower}.embeddings.patch_embedding.weight"] = [hidden, 3, vision.PatchSize, vision.PatchSize];
        shapes[$"{Tower}.embeddings.position_embedding.weight"] = [clip ? 1 + vision.Patches : vision.Patches, hidden];
        shapes[clip ? $"{Tower}.embeddings.class_embedding" : $"{Tower}.embeddings.patch_embedding.bias"] = [hidden];
        if (clip)
            Norm(shapes, $"{Tower}.pre_layrnorm", hidden);
        Norm(shapes, $"{Tower}.post_layernorm", hidden);
        for (var layer = 0; layer < vision.Layers; layer++)
        {
            string module = $"{Tower}.encoder.layers.{layer}";
            Norm(shapes, $"{module}.layer_norm1", hidden);
            Norm(shapes, $"{module}.layer_norm2", hidden);
            foreach (string part in new[] { "q_proj", "k_proj", "v_proj", "out_proj" })
                Both(shapes, $"{module}.self_attn.{part}", hidden, hidden);
            Both(shapes, $"{module}.mlp.fc1", vision.IntermediateSize, hidden);
            Both(shapes, $"{module}.mlp.fc2", hidden, vision.IntermediateSize);
        }
    }

    /// <summary>A linear layer with a bias: weight [out, in], bias [out].</summary>
    private static void Both(SortedDictionary<string, long[]> shapes, string module, long outSize, long inSize) =>
        (shapes[$"{module}.weight"], shapes[$"{module}.bias"]) = ([outSize, inSize], [outSize]);

    private static void Norm(SortedDictionary<string, long[]> shapes, string module, long size) =>
        (shapes[$"{module}.weight"], shapes[$"{module}.bias"]) = ([size], [size]);
}
