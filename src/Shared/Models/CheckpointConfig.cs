using System.Text.Json;
using System.Text.Json.Serialization;

namespace Tpo.Shared.Models;

/// <summary>The keys of a LLaVA-Qwen checkpoint's `config.json` that decide the computation (published names, snake_case).</summary>
public sealed record CheckpointConfig
{
    [JsonPropertyName("hidden_size")] public required int HiddenSize { get; init; }
    [JsonPropertyName("intermediate_size")] public required int IntermediateSize { get; init; }
    [JsonPropertyName("num_hidden_layers")] public required int Layers { get; init; }
    [JsonPropertyName("num_attention_heads")] public required int Heads { get; init; }
    [JsonPropertyName("num_key_value_heads")] public required int KeyValueHeads { get; init; }
    [JsonPropertyName("vocab_size")] public required int VocabularySize { get; init; }
    [JsonPropertyName("rms_norm_eps")] public double RmsNormEpsilon { get; init; } = 1e-6;
    [JsonPropertyName("rope_theta")] public double RopeTheta { get; init; } = 1e6;
    [JsonPropertyName("tie_word_embeddings")] public bool TieWordEmbeddings { get; init; }
    [JsonPropertyName("tokenizer_model_max_length")] public int MaxLength { get; init; } = 32768;
    [JsonPropertyName("eos_token_id")] public int EosTokenId { get; init; }
    [JsonPropertyName("mm_spatial_pool_mode")] public string PoolMode { get; init; } = "bilinear";
    [JsonPropertyName("mm_newline_position")] public string NewlinePosition { get; init; } = "one_token";
    [JsonPropertyName("mm_patch_merge_type")] public string PatchMergeType { get; init; } = "flat";
    [JsonPropertyName("mm_projector_type")] public string ProjectorType { get; init; } = "mlp2x_gelu";
    [JsonPropertyName("vision_config")] public required VisionConfig Vision { get; init; }

    [JsonIgnore] public int HeadSize => HiddenSize / Heads;
    [JsonIgnore] public int PatchesPerSide => Vision.ImageSize / Vision.PatchSize;
    /// <summary>Rows (and columns) of tokens a frame after 2×2 pooling: ceil for bilinear, floor for average.</summary>
    [JsonIgnore] public int PooledPerSide => PoolMode == "average" ? PatchesPerSide / 2 : (PatchesPerSide + 1) / 2;
    /// <summary>True where checkpoints of this config carry `model.image_newline`.</summary>
    [JsonIgnore] public bool HasNewline => PatchMergeType.Contains("unpad", StringComparison.Ordinal);

    public static CheckpointConfig Load(string modelFolder)
    {
        var path = Path.Combine(modelFolder, "config.json");
        return JsonSerializer.Deserialize<CheckpointConfig>(File.ReadAllText(path))
            ?? throw new InvalidDataException($"'{path}' is empty.");
    }
}

/// <summary>The vision tower's sizes; `num_hidden_layers` counts the layers that are kept.</summary>
public sealed record VisionConfig
{
    [JsonPropertyName("model_type")] public string ModelType { get; init; } = "siglip_vision_model";
    [JsonPropertyName("hidden_size")] public required int HiddenSize { get; init; }
    [JsonPropertyName("intermediate_size")] public required int IntermediateSize { get; init; }
    [JsonPropertyName("num_hidden_layers")] public required int Layers { get; init; }
    [JsonPropertyName("num_attention_heads")] public required int Heads { get; init; }
    [JsonPropertyName("image_size")] public required int ImageSize { get; init; }
    [JsonPropertyName("patch_size")] public required int PatchSize { get; init; }
    [JsonPropertyName("layer_norm_eps")] public double LayerNormEpsilon { get; init; } = 1e-6;
}
