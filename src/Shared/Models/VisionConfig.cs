using System.Text.Json.Serialization;

namespace Tpo.Shared.Models;

/// <summary>The vision tower's sizes. `num_hidden_layers` counts the layers that the checkpoint holds.</summary>
public sealed record VisionConfig
{
    public const string Siglip = "siglip_vision_model";
    public const string Clip = "clip_vision_model";

    [JsonPropertyName("model_type")] public string ModelType { get; init; } = Siglip;
    [JsonPropertyName("hidden_size")] public required int HiddenSize { get; init; }
    [JsonPropertyName("intermediate_size")] public required int IntermediateSize { get; init; }
    [JsonPropertyName("num_hidden_layers")] public required int Layers { get; init; }
    [JsonPropertyName("num_attention_heads")] public required int Heads { get; init; }
    [JsonPropertyName("image_size")] public required int ImageSize { get; init; }
    [JsonPropertyName("patch_size")] public required int PatchSize { get; init; }
    [JsonPropertyName("layer_norm_eps")] public double LayerNormEpsilon { get; init; } = 1e-6;
    [JsonPropertyName("hidden_act")] public string? Activation { get; init; }

    /// <summary>Patches a frame; pixels that fill no whole patch are left out.</summary>
    [JsonIgnore] public int Patches => ImageSize / PatchSize * (ImageSize / PatchSize);
    /// <summary>What `hidden_act` has to be where it is stated.</summary>
    [JsonIgnore] public string TowersActivation => ModelType == Clip ? "quick_gelu" : "gelu_pytorch_tanh";

    /// <summary>
    /// The sizes behind a published `mm_vision_tower`, which may be a local path that ends in the tower's name. LLaVA-Video's checkpoints
    /// hold 26 of SigLIP's 27 layers; LongVA's hold all 24 of CLIP's.
    /// </summary>
    /// <exception cref="InvalidDataException">no such tower is known here</exception>
    public static VisionConfig Published(string? tower, string configPath) => tower?.TrimEnd('/').Split('/')[^1] switch
    {
        "siglip-so400m-patch14-384" => new()
        {
            ModelType = Siglip, HiddenSize = 1152, IntermediateSize = 4304, Layers = 26, Heads = 16, ImageSize = 384, PatchSize = 14, LayerNormEpsilon = 1e-6,
        },
        "clip-vit-large-patch14-336" => new()
        {
            ModelType = Clip, HiddenSize = 1024, IntermediateSize = 4096, Layers = 24, Heads = 16, ImageSize = 336, PatchSize = 14, LayerNormEpsilon = 1e-5,
        },
        _ => throw new InvalidDataException(
            $"'{configPath}' has no vision_config, and the sizes of its mm_vision_tower '{tower}' are not known here; known: google/siglip-so400m-patch14-384, openai/clip-vit-large-patch14-336."),
    };
}
