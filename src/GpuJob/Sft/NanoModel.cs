using System.Text.Json;
using System.Text.Json.Nodes;
using Tpo.Shared.Media;

namespace Tpo.GpuJob.Sft;

/// <summary>`config.json` of tpo-nano: the keys of LLaVA-Video, sizes of a few million parameters. 64-pixel frames, 8 × 8 patches, 20 tokens a frame.</summary>
public static class NanoModel
{
    public const int MaxLength = 4096;
    private static readonly JsonSerializerOptions Layout = new() { WriteIndented = true };

    public static void WriteConfig(string modelFolder, int vocabulary, int endOfText, int endOfTurn) =>
        File.WriteAllText(Path.Combine(modelFolder, "config.json"), Config(vocabulary, endOfText, endOfTurn).ToJsonString(Layout) + "\n");

    private static JsonObject Config(int vocabulary, int endOfText, int endOfTurn) => new()
    {
        ["architectures"] = new JsonArray("LlavaQwenForCausalLM"), ["model_type"] = "llava_qwen", ["torch_dtype"] = "float16",
        ["hidden_size"] = 192, ["intermediate_size"] = 384, ["num_hidden_layers"] = 6, ["num_attention_heads"] = 6, ["num_key_value_heads"] = 3,
        ["vocab_size"] = vocabulary, ["rms_norm_eps"] = 1e-6, ["rope_theta"] = 1000000.0, ["max_position_embeddings"] = MaxLength,
        ["hidden_act"] = "silu", ["tie_word_embeddings"] = false, ["use_cache"] = true, ["attention_dropout"] = 0.0, ["initializer_range"] = 0.02,
        ["use_sliding_window"] = false, ["bos_token_id"] = endOfText, ["eos_token_id"] = endOfTurn,
        ["tokenizer_model_max_length"] = MaxLength, ["tokenizer_padding_side"] = "right",
        ["mm_vision_tower"] = "siglip-nano-patch8-64", ["mm_hidden_size"] = 128, ["mm_projector_type"] = "mlp2x_gelu", ["use_mm_proj"] = true,
        ["mm_use_im_start_end"] = false, ["mm_use_im_patch_token"] = false, ["mm_vision_select_layer"] = -2, ["mm_vision_select_feature"] = "patch",
        ["mm_patch_merge_type"] = "spatial_unpad", ["mm_spatial_pool_mode"] = "bilinear", ["mm_spatial_pool_stride"] = 2,
        ["mm_newline_position"] = "grid", ["image_aspect_ratio"] = "anyres_max_9", ["add_faster_video"] = false, ["add_time_instruction"] = false,
        ["force_sample"] = true, ["preprocess"] = ImageRecipe.ScaledByFFmpeg,
        ["vision_config"] = new JsonObject
        {
            ["model_type"] = "siglip_vision_model", ["hidden_size"] = 128, ["intermediate_size"] = 512, ["num_hidden_layers"] = 4,
            ["num_attention_heads"] = 4, ["num_channels"] = 3, ["image_size"] = 64, ["patch_size"] = 8, ["hidden_act"] = "gelu_pytorch_tanh",
            ["layer_norm_eps"] = 1e-6,
        },
    };
}
