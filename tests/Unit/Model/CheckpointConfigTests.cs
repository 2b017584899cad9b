using System.Text.Json.Nodes;
using Tpo.GpuJob.Model;
using Tpo.Shared.Models;
using Tpo.Tests.Unit.Serving;

namespace Tpo.Tests.Unit.Model;

/// <summary>Published config.json files are read as they are; what this product would compute wrongly it refuses by its key.</summary>
public sealed class CheckpointConfigTests
{
    [Fact]
    public void LLaVA_Video_is_siglip_with_26_layers_bilinear_pooling_and_a_newline_a_row()
    {
        CheckpointConfig config = TensorShapesTests.Published("LLaVA-Video-7B-Qwen2");
        Assert.Equal((VisionConfig.Siglip, 26, 27, 14), (config.Vision.ModelType, config.Vision.Layers, config.PatchesPerSide, config.PooledPerSide));
        Assert.Equal(("grid", true, 1e6), (config.Newlines, config.HasNewline, config.RopeTheta));
        Assert.Equal(210, VideoTokens.Count(1, config));
        Assert.Equal(182, VideoTokens.Count(1, config with { PoolMode = "average" }));
    }

    [Fact]
    public void LongVA_is_clip_with_average_pooling_and_no_newlines()
    {
        CheckpointConfig config = TensorShapesTests.Published("LongVA-7B");
        Assert.Equal((VisionConfig.Clip, 24, 24, 12), (config.Vision.ModelType, config.Vision.Layers, config.PatchesPerSide, config.PooledPerSide));
        Assert.Equal(("no_token", false, 1e9), (config.Newlines, config.HasNewline, config.RopeTheta));
        Assert.Equal(18_432, VideoTokens.Count(128, config));
    }

    [Fact]
    public void Without_the_newline_key_or_with_null_one_newline_ends_the_video()
    {
        Assert.Equal("one_token", Edited("mm_newline_position", null).Newlines);
        Assert.Equal("no_token", Edited("mm_patch_merge_type", "flat").Newlines);
        Assert.Equal("frame", Edited("mm_newline_position", "frame").Newlines);
    }

    [Fact]
    public void A_tower_may_be_named_by_a_local_path() =>
        Assert.Equal(VisionConfig.Clip, Edited("mm_vision_tower", "./checkpoints/clip-vit-large-patch14-336/").Vision.ModelType);

    [Theory]
    [InlineData("mm_vision_tower", "someone/other-tower", "'someone/other-tower'")]
    [InlineData("hidden_act", "gelu", "hidden_act = gelu")]
    [InlineData("mm_vision_select_feature", "cls_patch", "mm_vision_select_feature = cls_patch")]
    [InlineData("mm_vision_select_layer", -1, "mm_vision_select_layer = -1")]
    [InlineData("use_sliding_window", true, "use_sliding_window = true")]
    [InlineData("num_key_value_heads", 3, "28 heads and 3 key-value heads")]
    [InlineData("rope_scaling", "yarn", "rope_scaling")]
    [InlineData("hidden_size", "large", "no config of this family")]
    [InlineData("hidden_size", null, "hidden_size")]
    public void What_is_not_computed_here_is_refused_by_its_key(string key, object? value, string reason) =>
        Assert.Contains(reason, Assert.Throws<InvalidDataException>(() => Edited(key, value)).Message);

    private static CheckpointConfig Edited(string key, object? value)
    {
        using var folder = new TemporaryFolder();
        JsonNode json = JsonNode.Parse(File.ReadAllText(ModelGoldens.Names("LLaVA-Video-7B-Qwen2.config.json")))!;
        json[key] = value is null ? null : JsonValue.Create(value);
        File.WriteAllText(Path.Combine(folder.Path, "config.json"), json.ToJsonString());
        return CheckpointConfig.Load(folder.Path);
    }
}
