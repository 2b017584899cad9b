using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Tpo.Shared.Media;

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
    [JsonPropertyName("hidden_act")] public string Activation { get; init; } = "silu";
    [JsonPropertyName("use_sliding_window")] public bool UseSlidingWindow { get; init; }
    [JsonPropertyName("tie_word_embeddings")] public bool TieWordEmbeddings { get; init; }
    [JsonPropertyName("tokenizer_model_max_length")] public int MaxLength { get; init; } = 32768;
    [JsonPropertyName("eos_token_id")] public int EosTokenId { get; init; }
    [JsonPropertyName("mm_vision_tower")] public string? VisionTowerName { get; init; }
    [JsonPropertyName("mm_vision_select_layer")] public int SelectLayer { get; init; } = -2;
    [JsonPropertyName("mm_vision_select_feature")] public string SelectFeature { get; init; } = "patch";
    [JsonPropertyName("mm_spatial_pool_mode")] public string PoolMode { get; init; } = "bilinear";
    [JsonPropertyName("mm_newline_position")] public string NewlinePosition { get; init; } = "one_token";
    [JsonPropertyName("mm_patch_merge_type")] public string PatchMergeType { get; init; } = "flat";
    [JsonPropertyName("mm_projector_type")] public string ProjectorType { get; init; } = "mlp2x_gelu";
    [JsonPropertyName("vision_config")] public required VisionConfig Vision { get; init; }
    /// <summary>How frames became pixels in training (this product's own key): one of <see cref="ImageRecipe"/>'s. Published files do not have it and mean the published processors.</summary>
    [JsonPropertyName("preprocess")] public string Preprocess { get; init; } = ImageRecipe.Reference;

    [JsonIgnore] public int HeadSize => HiddenSize / Heads;
    [JsonIgnore] public int PatchesPerSide => Vision.ImageSize / Vision.PatchSize;
    /// <summary>Rows (and columns) of tokens a frame after 2×2 pooling: ceil for bilinear, floor for average.</summary>
    [JsonIgnore] public int PooledPerSide => PoolMode == "average" ? PatchesPerSide / 2 : (PatchesPerSide + 1) / 2;
    /// <summary>How a decoded frame becomes the tower's picture.</summary>
    [JsonIgnore] public ImageRecipe Recipe =>
        new(Preprocess, Vision.ModelType == VisionConfig.Clip ? ImageFit.CropCentre : ImageFit.Stretch, Vision.ImageSize);
    /// <summary>True where checkpoints of this config carry `model.image_newline`.</summary>
    [JsonIgnore] public bool HasNewline => PatchMergeType.Contains("unpad", StringComparison.Ordinal);
    /// <summary>Where a video's newline tokens go: mm_newline_position counts for spatial merging only; flat and unires have none.</summary>
    [JsonIgnore] public string Newlines => PatchMergeType.StartsWith("spatial", StringComparison.Ordinal) ? NewlinePosition : "no_token";

    /// <summary>
    /// Reads a folder's config.json. A key that is null counts as absent. Published files name their vision tower (mm_vision_tower) and
    /// leave its sizes out; then they are the published tower's.
    /// </summary>
    /// <exception cref="InvalidDataException">a key is missing, or asks for something this product does not compute; the message names it</exception>
    public static CheckpointConfig Load(string modelFolder)
    {
        var path = Path.Combine(modelFolder, "config.json");
        try
        {
            var json = JsonNode.Parse(File.ReadAllText(path)) as JsonObject ?? throw new InvalidDataException($"'{path}' is no JSON object.");
            foreach (var key in json.Where(entry => entry.Value is null).Select(entry => entry.Key).ToArray())
                json.Remove(key);
            json["vision_config"] ??= JsonSerializer.SerializeToNode(VisionConfig.Published((string?)json["mm_vision_tower"], path));
            if (json.ContainsKey("rope_scaling"))
                throw Refused(path, "rope_scaling", "something", "null");
            var config = json.Deserialize<CheckpointConfig>()!;
            config.RefuseTheUnknown(path);
            return config;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            throw new InvalidDataException($"'{path}' is no config of this family of models: {e.Message}", e);
        }
    }

    /// <summary>What would be computed wrongly is not computed at all.</summary>
    private void RefuseTheUnknown(string path)
    {
        if (Activation != "silu")
            throw Refused(path, "hidden_act", Activation, "silu");
        if (UseSlidingWindow)
            throw Refused(path, "use_sliding_window", "true", "false");
        if (SelectLayer != -2)
            throw Refused(path, "mm_vision_select_layer", SelectLayer.ToString(System.Globalization.CultureInfo.InvariantCulture), "-2");
        if (SelectFeature != "patch")
            throw Refused(path, "mm_vision_select_feature", SelectFeature, "patch");
        if (Preprocess is not (ImageRecipe.Reference or ImageRecipe.ScaledByFFmpeg))
            throw Refused(path, "preprocess", Preprocess, $"{ImageRecipe.Reference}, {ImageRecipe.ScaledByFFmpeg}");
        if (Heads <= 0 || KeyValueHeads <= 0 || HiddenSize % Heads != 0 || Heads % KeyValueHeads != 0)
            throw new InvalidDataException($"'{path}': {HiddenSize} hidden sizes, {Heads} heads and {KeyValueHeads} key-value heads do not divide into each other.");
        if (Vision.Activation is { } activation && activation != Vision.TowersActivation)
            throw Refused(path, "vision_config.hidden_act", activation, Vision.TowersActivation);
    }

    private static InvalidDataException Refused(string path, string key, string value, string supported) =>
        new($"'{path}' has {key} = {value}; supported: {supported}.");
}
